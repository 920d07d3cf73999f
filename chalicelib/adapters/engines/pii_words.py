"""Words that a model takes for names when they are typed in lower case and are none.

Courtesies and answers, also misspelt ("thnaks") or run together ("thankyouso"), and everyday things that
people order. Words that are names as well (olive, basil, brown, rose, mark, may) are left out on purpose.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_GREETINGS = _words(
    "hi hii hiii hai hello hey helo hiya goodbye bye byee thanks thank thankyou thankx thx ty you"
    " good morning evening afternoon night day mr mrs ms miss sir madam maam mam gud mrng mrg gm"
    " ho so much do fine dear ok okay okey yes yeah yep yup nope no not please pls plz sorry"
    " welcome mom dad god great nice cool sure right lot alot very well all haha hahaha lol hmm oh"
    " ah wow"
)
_OFTEN_MISSPELT = _words(
    "thanks thank thankyou morning evening afternoon goodbye hello please welcome sorry confirm"
    " confirmed correct perfect great nothing anything everything really number account"
    " information address assistance problem service awesome wonderful appreciate yesterday"
    " tomorrow"
)
_BEFORE = _words(
    "hi hii hai hello hey good gud thank thanks yes yeah no ok okay bye so you mrng mrg very"
)
_BEHIND = _words(
    "hi hai hello good gud morning evening night day mrng mrg bye byebye you u much very sir mam"
    " maam madam i my me we the its thats there please thanks thank fine lot all everyone have can"
    " need want"
)
_EVERYDAY = _words(
    "pizza pizzas burger burgers cheeseburger hamburger sandwich sandwiches fries salad salads"
    " soup pasta noodles spaghetti lasagna steak bacon sausage sausages ham turkey chicken beef"
    " pork lamb fish salmon tuna shrimp prawns egg eggs cheese cheddar mozzarella parmesan"
    " gorgonzola feta ricotta provolone butter cream yogurt milk milkshake shake smoothie juice"
    " soda cola lemonade coffee espresso latte cappuccino mocha tea water beer wine whiskey vodka"
    " rum gin bread toast bagel muffin muffins donut donuts cookie cookies cake cheesecake brownie"
    " pie ice chocolate vanilla caramel strawberry banana apple apples orange lemon lime mango"
    " pineapple grape grapes peach cherries tomato tomatoes onion onions garlic potato potatoes"
    " carrot carrots lettuce spinach cucumber mushroom mushrooms peppers pepperoni salami jalapeno"
    " jalapenos olives pickle pickles corn beans rice sauce ketchup mustard mayo mayonnaise ranch"
    " dressing topping toppings crust cheesy spicy nuggets wings taco tacos burrito nachos fajita"
    " quesadilla sushi curry naan kebab meatball meatballs hash browns oatmeal cereal pancake"
    " pancakes waffle waffles syrup honey sugar salt combo meal menu veggie vegan red green blue"
    " yellow purple pink orange white black grey gray large medium small extra mini jumbo shirt"
    " shirts shoes dress jacket pants socks chair table sofa mattress lamp fridge freezer oven"
    " dryer washer vacuum laptop keyboard mouse monitor printer router modem tablet charger cable"
    " headphones camera television phone battery screen software windows outlook skype excel"
    " browser password internet wifi email website flight ticket hotel taxi airport airline seat"
    " aisle window luggage passport economy business insurance policy claim vehicle sedan coupe"
    " truck motorbike scooter credit debit card account balance payment refund invoice savings"
    " loan cash check cheque"
)
_LEAST_MISSPELT = 5


def is_courtesy(word: str) -> bool:
    """Whether a word in lower case is a greeting, thanks or an answer."""
    return word in _GREETINGS


def is_like_courtesy(word: str) -> bool:
    """Whether it is one with a slip of the finger, or several without the blanks between them."""
    return _is_misspelt(word, _OFTEN_MISSPELT) or _is_run_together(word)


def is_everyday(word: str) -> bool:
    """Whether a word in lower case is an everyday thing."""
    return word in _EVERYDAY


def is_like_everyday(word: str) -> bool:
    """Whether it is nearly written like one."""
    return _is_misspelt(word, _EVERYDAY)


def is_you(word: str) -> bool:
    """Whether a word behind "thank" can be nothing but "you"."""
    return len(word) <= len("you") + 1 and _is_near(word, "you")


def _is_misspelt(word: str, known: frozenset[str]) -> bool:
    if len(word) < _LEAST_MISSPELT:
        return False
    return any(
        len(other) >= _LEAST_MISSPELT and word[0] == other[0] and _is_near(word, other)
        for other in known
    )


def _is_run_together(word: str) -> bool:
    """Two or three short words without the blanks between them, as in ``hithere``."""
    for at in range(2, len(word)):
        first, rest = word[:at], word[at:]
        if first in _BEFORE and (rest in _BEHIND or _is_run_together(rest)):
            return True
    return False


def _is_near(one: str, other: str) -> bool:
    """Whether one slip of the finger lies between two words: a letter more, less, other, or two swapped."""
    if abs(len(one) - len(other)) > 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if at is None:
        return True
    a, b = one[at:], other[at:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])
