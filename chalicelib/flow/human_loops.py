"""Review items that go to people outside Loupe as well, and their verdicts that come back into the item.

A loop has the name of its item, so that an item is asked once however often it is sent. What is sent is
the question and the redacted text, never what the machine says. A note lies beside each item whose
answers are still to come; it goes when they came, or when the item was closed without them.
"""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.domain.analysis import ContactAnalysis
from chalicelib.domain.errors import NotFound, StateRefused, Unavailable, VersionMoved
from chalicelib.domain.review import OPTIONS, ReviewItem, Verdict, answered_by
from chalicelib.flow import reviews
from chalicelib.flow.judged import text_at
from chalicelib.ports.review import LONGEST_NAME, HumanLoops, Loop, LoopState
from chalicelib.ports.services import Services

SENT = "control/review-loops/"
WORKER = "a2i:"
TURN_MS = 60_000
OVER = (LoopState.FAILED, LoopState.STOPPED, LoopState.ABSENT)


def loop_name(item: ReviewItem) -> str:
    """The name of an item's loop."""
    return f"loupe-{item.id.rpartition('-')[2]}"[:LONGEST_NAME]


def send(
    services: Services, loops: HumanLoops, item: ReviewItem, analysis: ContactAnalysis
) -> bool:
    """Ask others about an item; False for one that is closed, a task, or has no text that may be shown.

    Raises ``Unavailable``.
    """
    text = text_at(analysis, item.place)
    if item.closed or not item.judged or not text:
        return False
    services.redacted.put_if_absent(f"{SENT}{item.id}", b"", content_type="text/plain")
    return loops.start(loop_name(item), content(item, text))


def content(item: ReviewItem, text: str) -> Mapping[str, str | list[str]]:
    """What a worker is shown."""
    return {
        "question": item.name,
        "about": item.place.about,
        "options": list(OPTIONS[item.kind]),
        "text": text,
    }


def collect(services: Services, loops: HumanLoops, limit: int = 50) -> int:
    """Bring answers home; how many verdicts came. What cannot be taken yet comes with a later turn.

    A turn looks at ``limit`` loops, the next one at others. One that cannot be read holds up no other.
    Raises ``Unavailable`` for it, or for a service that does not answer.
    """
    came, failed = 0, None
    for item_id in _turn(services, limit):
        try:
            came += _brought(services, loops, item_id)
        except Unavailable as error:
            failed = failed or error
            if error.retryable:
                break
    if failed:
        raise failed
    return came


def _turn(services: Services, limit: int) -> list[str]:
    """The items of this turn: time tells where it begins, so that none waits behind others for good."""
    sent = [stat.key.removeprefix(SENT) for stat in services.redacted.list(SENT)]
    if len(sent) <= limit:
        return sent
    begin = services.clock() // TURN_MS * limit % len(sent)
    return (sent[begin:] + sent[:begin])[:limit]


def _brought(services: Services, loops: HumanLoops, item_id: str) -> int:
    """The verdicts of one item's loop; its note goes when nothing more is to come."""
    try:
        done, came = _taken(services, loops, reviews.get(services, item_id))
    except NotFound:
        done, came = True, 0  # it was erased
    if done:
        services.redacted.delete(f"{SENT}{item_id}")
    return came


def _taken(services: Services, loops: HumanLoops, item: ReviewItem) -> tuple[bool, int]:
    """Whether nothing is to be waited for any more, and how many verdicts were taken."""
    name = loop_name(item)
    if item.closed:
        loops.stop(name)
        loops.delete(name)
        return True, 0
    loop = loops.look(name)
    if loop.state is not LoopState.DONE:
        return loop.state in OVER, 0
    try:
        return True, _answers(services, item, loop)
    except (StateRefused, VersionMoved):
        return False, 0  # somebody here has the item: their verdict first


def _answers(services: Services, item: ReviewItem, loop: Loop) -> int:
    came = 0
    for answer in loop.answers:
        by = f"{WORKER}{answer.worker}"
        allowed = OPTIONS[item.kind]
        if item.closed or by in answered_by(item) or answer.value not in allowed:
            continue
        item = reviews.claim(services, item, item.revision, by)
        verdict = Verdict(by, answer.value, services.clock())
        item = reviews.answer(services, item, item.revision, verdict)
        came += 1
    return came


def forget(services: Services, loops: HumanLoops, item: ReviewItem) -> None:
    """Take an item's question back and remove what the service keeps of it."""
    loops.stop(loop_name(item))
    loops.delete(loop_name(item))
    services.redacted.purge(f"{SENT}{item.id}")
