"""What bots do not understand, as proposals of new intents."""

from __future__ import annotations

from chalicelib.api import views
from chalicelib.api.bot_models import (
    LexExport,
    MissedUtterance,
    MissedUtteranceReport,
    ProposedIntent,
)
from chalicelib.api.call import Call
from chalicelib.api.filters import EndTime, Filter, StartTime, Words, ms
from chalicelib.api.problems import Refusal
from chalicelib.domain.errors import EngineMissing, IntegrityError
from chalicelib.flow.missed_utterances import (
    EXAMPLES,
    FROM_BOT,
    FROM_CONTACT,
    Proposal,
    Report,
    report,
)
from chalicelib.formats import lex_import
from chalicelib.formats.bot_file import shipped

DAYS_MS = 31 * 86_400_000
EXPORTED_BOT, LOCALE = "ProposedIntents", "en_US"


def get_report(
    call: Call, *, start_time: StartTime = None, end_time: EndTime = None, queue_id: Words = None
) -> MissedUtteranceReport:
    """What nobody understood in talks with bots, and the first requests of real contacts that no intent
    covers, in groups. Talks: since ``startTime``, else of the last 31 days."""
    found = _found(call, Filter(start_time=start_time, end_time=end_time, queue_id=queue_id))
    vectors, grouping = found.engines
    return MissedUtteranceReport(
        proposals=[_proposal(one) for one in found.proposals],
        missed_in_talks=found.missed,
        requests=found.requests,
        requests_covered=found.known,
        unassigned=found.alone,
        threshold=found.threshold,
        engine=views.engine(vectors),
        grouping=views.engine(grouping),
    )


def export_to_lex(
    call: Call, *, start_time: StartTime = None, end_time: EndTime = None, queue_id: Words = None
) -> LexExport:
    """The proposals in the import format of Amazon Lex V2, as documented and not tried on an account."""
    found = _found(call, Filter(start_time=start_time, end_time=end_time, queue_id=queue_id))
    return LexExport(status=lex_import.VERIFIED, files=lex_files(found))


def lex_files(found: Report) -> lex_import.Files:
    """The files of the archive, for the proposals of a report."""
    intents = {one.name: [said.text for said in one.utterances] for one in found.proposals}
    return lex_import.files(EXPORTED_BOT, LOCALE, intents)


def _found(call: Call, wanted: Filter) -> Report:
    since = ms(wanted.start_time)
    first = call.services.clock() - DAYS_MS if since is None else since
    try:
        return report(call.services, call.principal, wanted.query(), shipped(), first)
    except (EngineMissing, IntegrityError) as missing:
        reason = missing.reason if isinstance(missing, EngineMissing) else str(missing)
        detail = f"Utterances cannot be compared here: {reason}."
        raise Refusal(501, "utterances.unavailable", detail) from missing


def _proposal(one: Proposal) -> ProposedIntent:
    return ProposedIntent(
        name=one.name,
        terms=list(one.terms),
        count=len(one.utterances),
        from_bots=one.count(FROM_BOT),
        from_contacts=one.count(FROM_CONTACT),
        examples=[
            MissedUtterance(text=said.text, contact_id=said.contact_id, source=said.source)
            for said in one.utterances[:EXAMPLES]
        ],
    )
