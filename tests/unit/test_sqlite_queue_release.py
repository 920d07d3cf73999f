"""What a system that starts alone on its folder makes of messages that the former one held."""

from __future__ import annotations

from pathlib import Path

from chalicelib.adapters.local.sqlite_queue import SqliteQueue


def test_a_held_message_comes_back_at_once_and_the_cut_off_delivery_is_not_counted(
    tmp_path: Path,
) -> None:
    queue = SqliteQueue(tmp_path / "q.db", "speech", visibility_s=300, max_receives=3)
    queue.send({"contactId": "c"})
    for _ in range(10):
        (message,) = queue.receive(1)
        assert message.receives == 1
        assert queue.release() == 1
    assert queue.depth().dead == 0


def test_a_delayed_retry_comes_back_with_its_count(tmp_path: Path) -> None:
    queue = SqliteQueue(tmp_path / "q.db", "speech", visibility_s=300, max_receives=3)
    queue.send({"contactId": "c"})
    (message,) = queue.receive(1)
    queue.retry(message, delay_s=60)
    queue.release()
    (message,) = queue.receive(1)
    assert message.receives == 2
