"""Unredacted products where none should be: from before ``LOUPE_RAW=never``, or of a worker that died.

Nobody looks for them on the way. A sweep, or the event of an output that a service wrote, names one; the
look that follows removes it, and first masks what is kept of this contact in no other form.
"""

from __future__ import annotations

from chalicelib.domain.contact import ContactRow, Status
from chalicelib.flow import products
from chalicelib.flow.converge import slots_of
from chalicelib.flow.survey import survey
from chalicelib.ports.services import Services

RAW = "raw/"


def settle(services: Services, row: ContactRow | None, product: str | None) -> bool:
    """Remove the product that the hint was about, if it is an original; whether it was there."""
    if services.settings.keeps_raw or product is None or not product.startswith(RAW):
        return False
    if row is None or row.status is Status.IN_PROGRESS or services.raw.stat(product) is None:
        return False
    _mask(services, row)
    services.raw.delete(product)
    return True


def _mask(services: Services, row: ContactRow) -> None:
    """Make the masked form of every transcript that the publication in force was made of."""
    if row.publication is None:
        return
    found = survey(services, row.contact_id, row, ())
    for slot in slots_of(services, row, found):
        if slot.stage == "transcript" and not slot.planned.due:
            products.fetch(services, slot)
