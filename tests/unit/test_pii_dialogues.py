"""Whole dialogues with numbers in pieces, corrected, read back or volunteered, and ones without any.

Turns are divided by `` / ``; ``[...]`` stands around what has to be masked. A dialogue without a bracket
has to stay as it is.
"""

import re

import pytest

from chalicelib.adapters.engines.pii_patterns import PatternPii
from chalicelib.domain.transcript import Role, Turn

PERSONAL = {
    # given in pieces, with acknowledgements, read-backs and other subjects between
    "social_then_birth_in_pieces": "A: can i have your social and your date of birth / C: sure it's [four one three] / A: okay / C: [eighty six] / A: mhm / C: [two two oh nine] and i was born [june third eighty one]",
    "birth_then_social": "A: date of birth and full social please / C: [march ninth nineteen sixty] and [five three one] / A: okay / C: [two two] / A: yeah / C: [oh nine nine one]",
    "social_middle_pair_alone": "A: what's your social / C: [three oh eight] / A: three oh eight right / C: [fifty five] / A: and the last four / C: [one two nine four]",
    "social_with_go_ahead": "A: your social security number please / C: [six one two] / A: go ahead / C: [oh four] / A: go on / C: [seven seven one eight]",
    "card_with_read_backs": "A: card number / C: [five five oh one] / A: [five five oh one] / C: [two two nine eight] / A: [two two nine eight] / C: [six six seven seven] / A: go on / C: [one oh one oh]",
    "account_cut_by_a_noise": "A: what's your bank account number / C: okay it's [seven seven two] sorry the kids are screaming / A: that's fine / C: [one eight oh four four]",
    "account_cut_by_a_doorbell": "A: account number please / C: [eight eight one] hang on someone's at the door / A: sure take your time / C: okay [four four nine two oh]",
    "routing_cut_by_a_cough": "A: and the routing number / C: [oh two one] excuse me i've got a cough / A: no problem / C: [three oh three] / A: yes / C: [six one eight]",
    "phone_in_three_turns": "A: best number for you / C: [six one two] / A: okay / C: [five five five] / A: yep / C: [oh one eight two]",
    "phone_partly_read_back": "A: what's your callback number / C: [four one five five five five oh one two three] / A: [four one five] okay and then / C: [five five five oh one two three]",
    "phone_first_block_read_back": "A: phone number / C: [seven one eight five five five oh one six six] / A: [seven one eight] got that",
    "phone_end_read_back": "A: phone number / C: [seven one eight five five five oh one six six] / A: so it ends in [one six six]",
    "card_end_read_back_short": "A: and the card number / C: [four oh oh five five one nine two seven seven three eight two two one six] / A: [two one six] at the end yes",
    "phone_in_blocks_by_the_agent": "A: let me read the number back in blocks [seven seven three five five] / C: [seven seven three five five] / A: [five oh one] / C: [five oh one] correct",
    "number_by_blocks_to_repeat": "A: repeat after me so i know you have it [eight oh two five five] / C: [eight oh two five five] / A: [five oh one nine nine] / C: [five oh one nine nine] yes",
    "read_back_says_yes": "A: your pin / C: [four four one nine] / A: [four four one nine] / C: yes",
    "pieces_with_yes": "A: card number please / C: [three seven nine one] / A: yes / C: yes [two two one one four five] / A: yes / C: and [six seven eight nine oh]",
    "bank_account_and_more": "A: go ahead with the account number / C: [nine nine one] / A: uh huh / C: and then [four two] / A: uh huh / C: and [seven seven six] that's it",
    # broken off within a turn
    "card_how_many": "C: my card is [four two four two four two four two four two wait how many is that okay four two four two four two]",
    "card_where_was_i": "A: card number / C: [five one oh five one oh five one where was i oh five one oh five one oh oh]",
    "card_is_that_a": "A: read me your card number / C: [six oh one one is that a one or a seven one yes one oh oh oh nine nine oh one three nine four two four]",
    "card_glare": "C: i have the card it's [four one one one hold on the light is bad four one one one one one one one one one one one]",
    "card_dropped": "C: the card number's [three seven eight two oh dropped it sorry eight two two four six three one oh oh oh five]",
    "card_let_me_see": "A: the long number please / C: [four nine one six let me turn it over three three eight eight one two oh oh five five six one]",
    "social_no_wait": "A: social / C: [four one two no wait four one three eighty six two two oh nine]",
    "phone_scratch_that": "C: call me at [three one two scratch that three one three five five five oh one nine oh]",
    "phone_last_part_wrong": "A: phone number / C: [two oh six five five five oh one one four] no the last bit is [one one five]",
    "pin_corrected_late": "A: what pin would you like / C: [eight two two one] actually no make it [eight two two seven]",
    "sort_code_again": "A: sort code / C: [two oh no three oh nine four five six]",
    "account_think": "A: account number / C: [one oh nine] um i think it's [four four] or is it [four five seven two one]",
    # unusual chunks
    "social_in_hundreds": "A: social / C: [four hundred twelve eighty six ninety one oh two]",
    "phone_toll_like": "A: your work number / C: [eight hundred five five five oh one nine nine]",
    "phone_with_triple": "C: reach me on [oh double seven triple nine four double two one]",
    "phone_with_nought": "A: number / C: [oh nought one six one four nine six nought seven double two]",
    "phone_plus": "C: my number is [+44 7911 123 456] i'm home after five",
    "phone_plus_in_words": "C: you can get me on [plus four four seven nine one one one two three four five six]",
    "phone_plus_spaced": "C: The number is [plus 49 30 901 820]. Thanks.",
    "phone_plus_one": "A: Phone? / C: [plus one 303 555 0148].",
    "phone_double_zero": "C: number's [double oh three five three one four nine six oh double one]",
    "phone_extension": "C: my work phone is [four oh four five five five oh one eight two] extension nine",
    "phone_thousands": "A: phone number? / C: [five five five nine thousand]",
    "phone_dots": "C: reach me at [303.555.0187]",
    "phone_commas": "A: Mobile? / C: [Oh seven, seven hundred, nine double oh, one two three].",
    "phone_slash": "A: phone / C: [212/555/0134]",
    "card_four_of_a_kind": "A: card number / C: [four times four then one one one one two two two two three three three three]",
    "social_odd_dashes": "C: my social is [412 - 86 - 9102]",
    "social_underscores": "A: SSN? / C: [412.86.9102]",
    # account numbers abroad
    "iban_in_parts": "A: the iban please / C: [d e eight nine then three seven oh four oh oh four four] / A: yes / C: [oh five three two oh one three oh oh oh]",
    "iban_with_the_bank_named": "A: what's the iban / C: [g b two nine and then the bank code n w b k six oh one six] / A: mhm / C: [one three three one nine two six eight one nine]",
    "iban_country_said": "A: iban please / C: it starts [f r one four two oh oh four one oh one oh oh five oh five]",
    "iban_with_capitals": "A: Could I have your IBAN? / C: Sure: [N L 9 1, A B N A, 0 4 1 7, 1 6 4 3, 0 0].",
    "iban_alphabet": "A: iban / C: [india echo two nine, alpha india bravo kilo, nine three one one five two]",
    "iban_letters_alone": "A: iban / C: [d e eight nine] / A: okay / C: [three seven oh four] / A: okay / C: [double oh double four oh five three two]",
    # expiry dates
    "expiry_new_date": "A: I still have your Visa, is that right? / C: Yes but it's got a new date, [04/29].",
    "expiry_new_one_on_card": "C: the card is the same but the date is now [oh six twenty nine]",
    "expiry_new_card_same_number": "C: It's the same card, just a new one. The new date is [11/30].",
    "expiry_updated": "A: the visa we have on file was declined / C: they sent a new card, it's [08/28] now",
    "expiry_slash": "A: and the expiration / C: [oh nine slash twenty eight]",
    "expiry_in_figures": "A: Expires? / C: [3 / 29].",
    "expiry_month_year_words": "A: what date is on the front of the card / C: [august of twenty thirty]",
    "expiry_through": "C: my visa is good through [oh two thirty one]",
    "expiry_number_month": "A: expiry / C: [the eighth month of twenty nine]",
    "expiry_until_end_of": "A: until when is the card valid / C: [end of march twenty twenty eight]",
    "expiry_and_code": "A: and the expiry and the code / C: [ten twenty nine] and [five five one]",
    # volunteered
    "volunteered_card": "C: i might as well give you the card it's [four five three nine one four eight eight oh three four three six four six seven]",
    "volunteered_social": "C: you'll want my social that's [four one three eighty six two two oh nine]",
    "volunteered_cvv": "C: and the three on the back, i know you'll ask, [eight one one]",
    "volunteered_phone": "C: if it drops i'm on [oh seven seven double oh nine hundred one two three]",
    "volunteered_account": "C: i'll pay from my savings, [six six one two oh nine eight four]",
    "volunteered_pin": "C: i use [one nine seven two] as my pin everywhere",
    "volunteered_zip": "C: we moved, the zip's [six oh six one four] now",
    "volunteered_birth": "C: i'm [fourth of july nineteen seventy six] if you need my date of birth",
    "volunteered_birth_asked": "A: date of birth / C: [oh seven oh four seventy six]",
    # read back
    "agent_reads_account": "C: my account number is [two two oh nine one eight] / A: so that's [two two oh nine one eight]",
    "agent_reads_figures": "A: Sort code? / C: [twenty, forty five, oh one]. / A: [20-45-01], thank you.",
    "agent_reads_wrong": "C: my phone is [six one nine five five five oh one seven two] / A: [six one nine five five five oh one seven three] / C: no [seven two] at the end",
    "agent_reads_from_file": "A: I have [303-555-0148] on file, still good? / C: No, it's [720-555-0101] now.",
    "agent_reads_last_four": "A: the card ending [eight eight one two], yes? / C: no, the [four four oh nine] one",
    "agent_asks_to_repeat": "A: routing / C: [oh two one oh oh oh oh two one] / A: was that [oh two one oh oh oh oh two one] / C: yes",
    # other ways to ask and to answer
    "card_for_deposit": "A: what card would you like to put that on / C: the mastercard [five four one two seven five one two three four one two three four five six]",
    "card_in_two_breaths": "A: i'll take the card / C: [four seven one six two two oh nine] / A: and the rest / C: [one one eight three four four oh seven]",
    "card_last_group_missed": "A: i missed the last four / C: [two two nine one]",
    "card_first_six": "A: just the first six digits of the card / C: [four five three nine one four]",
    "card_read_to_me": "C: ready for the card / A: ready / C: [three four one two] / A: three four one two / C: [eight eight eight six seven five] / A: yep / C: [three oh nine oh one]",
    "cvv_zeros": "A: and the c v v / C: [double oh seven]",
    "cvv_as_hundreds": "A: security code on the back / C: [four hundred six]",
    "cvv_small_number": "A: there's a small number by the signature / C: [nine one two]",
    "cvv_what_code": "A: what's the cvv / C: you mean the back one [six six eight]",
    "pin_new": "A: choose a new four digit pin / C: [seven seven one oh] / A: confirm it / C: [seven seven one oh]",
    "pin_pairs": "A: your pin please / C: [forty one eighteen]",
    "passcode_text": "A: we just texted you a code what is it / C: [six two nine nine oh four]",
    "otp_in_parts": "A: read me the one time code / C: [three three one] / A: okay / C: [eight oh nine]",
    "pin_for_phone_banking": "C: my telephone banking number is [two nine four four]",
    "zip_with_plus_four": "A: zip / C: [six oh six one four dash one two oh nine]",
    "zip_corrected": "A: billing zip / C: [three oh three oh six] no [three oh three oh seven]",
    "zip_hundreds": "A: what's the zip code / C: [ten thousand and one]",
    "postcode_uk": "A: and your postcode / C: [m one three b b]",
    "postcode_alphabet": "A: postcode / C: [sierra whiskey one alpha one alpha alpha]",
    "licence_letter_first": "A: your driver's license / C: [f two five five nine two one two one six four four]",
    "licence_as_in": "A: licence number / C: it's [b as in boy two two nine four one oh]",
    "licence_read_back": "A: license number / C: [c seven seven oh two one four] / A: [c seven seven oh two one four] great",
    "passport_letters": "A: passport / C: [a b one two three four five six seven]",
    "passport_split": "A: passport number / C: [five one oh] / A: mhm / C: [two two nine] / A: okay / C: [one oh oh]",
    "birth_slash": "A: birthday / C: [four slash nine slash eighty two]",
    "birth_words": "A: when were you born / C: [the second of january nineteen forty nine]",
    "birth_numbers": "A: date of birth / C: [eleven oh two seventy]",
    "birth_year_apart": "A: your date of birth / C: [june tenth] / A: and the year / C: [nineteen eighty eight]",
    "birth_readback": "A: dob / C: [march third ninety] / A: [march third nineteen ninety] thanks",
    "routing_and_account": "A: routing and account / C: routing's [one two one oh four two eight eight two] account's [four four oh nine one two seven]",
    "routing_in_threes": "A: routing number / C: [oh two six] / A: oh two six / C: [oh oh nine] / A: oh oh nine / C: [five nine three]",
    "account_leading_zeros": "A: account number / C: [quadruple zero one two nine four]",
    "account_as_hundreds": "A: account number / C: [six hundred twelve four oh nine]",
    "account_ends_with": "A: which account / C: the one that ends in [double four one two]",
    "sort_code_dashes": "A: sort code and account number please / C: [oh four dash oh oh dash oh four] and [three one nine two six eight one nine]",
    "account_is": "C: it's the joint account [two oh four four nine one eight seven]",
    "phone_area_known": "A: is your number still [five oh three five five five oh one nine two] / C: yes",
    "phone_other": "C: use my wife's cell [nine one seven five five five oh one three eight]",
    "phone_seven": "A: what's a good phone number / C: [five five five oh one four two]",
    "phone_country": "A: contact number / C: [zero zero four four seven seven double zero nine double zero one one eight]",
    "phone_no_ask": "C: hi it's dave again [six oh two five five five oh one seven seven] call me",
    "phone_then_other": "C: my cell's [two one four five five five oh one six one] or try the office [two one four five five five oh one six two]",
    "phone_said_as_pairs": "A: your mobile / C: [oh seven seventy seven ninety twelve thirty four]",
    "phone_triple_five": "C: the best number's [four one oh triple five oh one double two]",
    "ssn_last_four": "A: last four of your social / C: [oh oh one nine]",
    "ssn_volunteered_last_four": "C: the last four are [eight one two two] if that helps you find me",
    "ssn_itin": "A: tax id / C: [nine one two seven oh one two three four]",
    "ssn_spoken_dashes": "A: ssn / C: [four one two dash eight six dash nine one oh two]",
    "ssn_interrupted_by_agent": "A: social please / C: [four one two eight] / A: sorry you broke up / C: [four one two eight six nine one oh two]",
    "iban_ie": "A: iban / C: sure one sec [i e six four i r c e nine two oh five oh one one two three four five six seven eight]",
    "iban_grouped": "C: iban is [ES91 2100 0418 4502 0005 1332]",
    "iban_wrong_check": "A: the iban? / C: [DE12 5001 0517 0648 4898 99]",
    "expiry_pairs": "A: expiration / C: [oh three thirty]",
    "expiry_month_name_only_year_words": "A: when does it expire / C: [february two thousand twenty nine]",
    "expiry_written": "A: exp date / C: [0329]",
    "expiry_no_question": "C: card's [4111 1111 1111 1111], [09/27], [321]",
    "expiry_read_back": "A: expiry / C: [oh five twenty eight] / A: [oh five twenty eight] and the code / C: [one one nine]",
    "expiry_corrected": "A: and it expires / C: [oh six twenty eight] no sorry [oh seven twenty eight]",
    "member_number": "A: member number / C: [four oh oh nine one two seven eight]",
    "policy_number": "C: policy number's [seven seven two oh nine four one]",
    "customer_number_read_back": "A: customer number / C: [three three nine oh four one] / A: [three three nine oh four one] one moment",
}  # fmt: skip
QUIET = {
    "price_at_a_till": "C: a number two and a number six with a shake / A: that's eighteen forty two at the window",
    "price_said_with_comes_to": "A: so that comes to forty seven ninety five / C: okay",
    "price_that_is": "C: how much for both / A: that's one hundred and twelve fifty",
    "price_so_its": "C: two larges please / A: so that's twenty one sixty all in",
    "price_read": "A: your total's thirty three eighteen / C: thirty three eighteen okay",
    "mileage": "A: it's covered for four years or fifty thousand miles / C: i'm at fifty one two hundred",
    "mileage_round": "C: it's at eighty six thousand four hundred now",
    "weight": "A: what's your weight / C: i'm at one eighty five",
    "ticket_read_in_figures": "A: your ticket is 7-1-4-0-2-2-9 / C: 7140229, thanks",
    "order_read_in_figures": "A: The order number is 5-5-1-9-0-2-3-4-1-0. / C: 5519023410, got it.",
    "reference_read_back": "A: your reference is four four one nine oh two seven eight / C: four four one nine oh two seven eight",
    "confirmation_in_pieces": "A: the confirmation number is eight eight one / C: eight eight one / A: four oh two / C: four oh two / A: nine nine six / C: okay eight eight one four oh two nine nine six",
    "case_in_turns": "A: here's your case number / C: go ahead / A: two oh oh nine one one eight three / C: two oh oh nine one one eight three thanks",
    "claim_twice": "C: what was the claim number again / A: six six oh one two nine eight / C: six six oh one two nine eight",
    "serial_in_letters": "C: the serial is S N 0 0 7 1 4 2 2 9 8",
    "serial_asked": "A: could you read the serial number / C: s n four four one nine oh oh two seven one",
    "model_asked": "A: which model / C: it's the x p s nine three one five",
    "part": "A: The part number is 2210 4408 17. / C: okay thanks",
    "flight": "A: you're on b a one four two nine / C: and it leaves when / A: at six forty",
    "flight_in_figures": "A: Your flight is DL 2214 at 7:15. / C: Okay.",
    "year": "C: i bought it in twenty eighteen / A: so it's from twenty eighteen okay",
    "years_range": "C: i lived there from nineteen ninety eight to two thousand and six",
    "age": "C: he's forty four and she's forty one",
    "room": "A: you're in room twelve oh four / C: twelve oh four thank you",
    "quantities": "C: we need two hundred and forty of the small and one sixty of the large",
    "times": "C: can you do ten fifteen or eleven forty five / A: eleven forty five works",
    "service_line": "A: you can call us on one eight hundred five five five oh one nine nine",
    "service_line_in_figures": "A: Our number is 1-800-555-0199, we're open till nine.",
    "service_reach_us": "A: if anything comes up you can reach us at 800-555-0142",
    "service_public": "A: for emergencies dial nine one one / C: okay",
    "service_helpline": "A: the customer service number is oh eight hundred four nine six oh one two three",
    "service_hotline": "A: The helpline is 0800 496 0123 and it's free.",
    "store_postcode": "A: our store is at 12 Mill Road, the postcode is four four one oh six",
    "shop_zip": "C: what's the zip for your shop / A: the shop's zip is six oh six one one",
    "speed": "C: i get ninety four down and eleven up",
    "dose": "A: take two fifty milligrams at eight and at twenty hundred",
    "interest": "A: it's six point seven five over three hundred sixty months",
    "channel": "C: channel four one two is gone / A: four one two okay",
    "meter": "C: the reading is oh four four one nine / A: oh four four one nine thanks",
    "steps": "A: press one then three then nine nine",
    "voucher": "C: the promo code is spring twenty twenty six / A: spring twenty twenty six okay",
    "tracking": "A: Your tracking number is 9400 1118 9956 2210. / C: 9400 1118 9956 2210, thanks.",
    "invoice": "C: Invoice 20441 says 4,220 and I paid 4,020.",
    "loan": "A: that'd be twenty two thousand over sixty months / C: and at forty eight / A: four ninety a month",
    "points": "A: you've got sixteen thousand two hundred points",
    "temperature": "C: it's ninety six in here and it's set to seventy two",
    "survey": "A: from one to ten / C: i'd say eight or nine",
    "dimensions": "C: it's thirty two by sixty four by eighteen",
    "deal": "A: so two for nineteen ninety nine or four for thirty four fifty",
    "queue": "A: there are one hundred and twelve ahead of you",
    "delivery_window": "A: it'll come between two fifteen and four forty five / C: great",
    "delivery_date": "C: it was due on the fourteenth of march / A: the fifteenth at the latest",
    "gate": "A: it leaves from gate c twenty two at nine oh five",
    "price_each": "A: they're fourteen ninety nine each or three for forty",
    "price_down": "C: it was two hundred and now it's one sixty nine ninety nine",
    "bill": "A: your bill this month is eighty four twelve / C: why is it eighty four twelve",
    "refund": "A: i've refunded one hundred and thirty two forty one / C: thanks",
    "order_volunteered": "C: my order's nine nine two oh one four four / A: nine nine two oh one four four got it",
    "order_hash": "C: it's order #99214470 / A: 99214470, found it.",
    "ticket_words": "A: i've opened ticket five five oh two one nine / C: five five oh two one nine / A: that's right",
    "rma": "A: your return number is r m a seven seven four two one",
    "incident": "C: incident number four four one seven nine two please",
    "reservation": "A: reservation number? / C: eight two two oh nine one four",
    "confirmation_letters": "A: confirmation is J 4 4 K 9 2 / C: J 4 4 K 9 2",
    "seat": "A: you're in seat twenty two a",
    "train": "C: i'm on the nine forty two to leeds",
    "bus": "C: bus four one two never came",
    "model_number": "C: the model number is k d t e two oh four e p s",
    "printer_model": "C: it's an office jet eighty seven ten",
    "error": "C: it says error four oh four then five hundred",
    "kilometres": "A: the car's done eighty two thousand four hundred kilometres",
    "blood_pressure": "C: it was one forty over ninety two this morning",
    "square_feet": "C: it's about fourteen hundred square feet",
    "year_made": "C: it's a twenty nineteen model",
    "age_kids": "C: they're six nine and twelve",
    "people": "A: we had one thousand two hundred and forty people",
    "apr": "A: the rate is nineteen point nine nine",
    "salary": "C: i make fifty two five a year",
    "phone_model": "C: i have the iphone fifteen pro two fifty six",
    "number_one": "C: you're number one / A: you're number four in the queue",
    "tv": "C: i want the fifty five inch one / A: that one's five forty nine",
    "press": "A: please press one one then hash",
    "wait": "C: i waited two hours and twelve minutes",
    "score": "A: your score is seven forty two",
    "temperature_oven": "C: it stays at three twenty five and won't go to four fifty",
    "parts": "A: that's part seven seven one two oh nine",
    "size": "C: i need a ten and a half / A: we have ten or eleven",
    "lottery": "C: the winning numbers were four nine twelve thirty one",
    "emergency_outage": "A: the outage line is eight hundred five five five oh one one one",
    "council": "A: call the city on three one one / C: three one one okay",
    "head_office": "A: head office is on oh two oh seven nine four six oh nine five eight",
    "our_fax": "A: our fax number is 303-555-0111",
    "branch_address": "A: the branch is at forty four high street the zip is nine oh two one oh",
    "store_phone_asked": "C: what's the phone number of the store / A: it's three oh three five five five oh one one nine",
    "booking": "A: your booking is K L 4 4 9 2 / C: K L 4 4 9 2",
}  # fmt: skip


def read(dialogue: str) -> tuple[list[Turn], list[list[tuple[int, int]]]]:
    """The turns without brackets, and the places that stood in them."""
    turns, wanted = [], []
    for index, line in enumerate(re.split(r" / (?=[AC]: )", dialogue)):
        text, places = line[3:], []
        while "[" in text:
            begin, end = text.index("["), text.index("]") - 1
            text = text.replace("[", "", 1).replace("]", "", 1)
            places.append((begin, end))
        side = Role.AGENT if line.startswith("A") else Role.CUSTOMER
        turns.append(Turn(str(index), side, side, index, index, text))
        wanted.append(places)
    return turns, wanted


def masks(turns: list[Turn]) -> list[list[tuple[int, int]]]:
    spans = PatternPii().spans(turns, "en-US")
    return [[(s.begin, s.end) for s in spans if s.turn_id == turn.id] for turn in turns]


def missing(dialogue: str) -> list[str]:
    """What is masked by less than four fifths."""
    turns, wanted = read(dialogue)
    lost = []
    for turn, places, own in zip(turns, wanted, masks(turns), strict=True):
        for begin, end in places:
            hidden = sum(any(b <= i < e for b, e in own) for i in range(begin, end))
            if hidden < 0.8 * (end - begin):
                lost.append(turn.text[begin:end])
    return lost


@pytest.mark.parametrize("dialogue", PERSONAL.values(), ids=PERSONAL)
def test_numbers_in_talk_are_masked(dialogue: str) -> None:
    assert missing(dialogue) == []


@pytest.mark.parametrize("dialogue", QUIET.values(), ids=QUIET)
def test_everyday_numbers_stay(dialogue: str) -> None:
    turns, _ = read(dialogue)
    shown = [
        t.text[b:e] for t, own in zip(turns, masks(turns), strict=True) for b, e in own
    ]
    assert shown == []
