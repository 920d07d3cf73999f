"""The columns of the data lake, and where its files lie; see ``lake_row`` for what fills them.

Types are Glue's and Athena's. ``VERSION`` is part of what rows are named by: a new one makes them anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple

TABLE = "contact_lens_conversational_analytics"
PARTITION = "disconnect_day"
VERSION = 1
ROWS = "lake-rows/"
CONTROL = "control/lake/"

OWN = "loupe_channels"
"""The first of Loupe's own columns; those before it are Connect's."""


class Column(NamedTuple):
    """``about`` is one sentence for docs and the Glue table."""

    name: str
    type: str
    about: str


COLUMNS: tuple[Column, ...] = (
    Column("aws_account_id", "string", "The account of the contact, as its record has it."),
    Column("version", "string", "Empty: the values that Connect writes are not documented."),
    Column("instance_id", "string", "The Connect instance, as the contact record has it."),
    Column("instance_arn", "string", "The instance's ARN, as the contact record has it."),
    Column("contact_id", "string", "The contact."),
    Column("channel", "string", "VOICE or CHAT: the conversation that the figures are of."),
    Column("language_locale", "string", "The language that the contact was analysed in."),
    Column("feature", "string", "Always contact_lens_conversational_analytics."),
    Column("categories", "array<string>", "Names of the categories that matched."),
    Column("disconnect_timestamp", "timestamp", "When the contact ended, UTC."),
    Column("greeting_time_agent_ms", "bigint", "Chat: until the agent's first message."),
    Column("non_talk_time_total_ms", "bigint", "Voice: hold and silence that counts."),
    Column("talk_time_total_ms", "bigint", "Voice: the sum of both; overlap counts twice."),
    Column("talk_time_agent_ms", "bigint", "Voice: time in which the agent spoke."),
    Column("talk_time_customer_ms", "bigint", "Voice: time in which the customer spoke."),
    Column("total_conversation_duration_ms", "bigint", "From the beginning to the last word."),
    Column("talk_speed_agent_wpm", "double", "Voice: words a minute of the agent."),
    Column("talk_speed_customer_wpm", "double", "Voice: words a minute of the customer."),
    Column("interruptions_time_total_ms", "bigint", "Voice: how long both interrupted."),
    Column("interruptions_time_agent_ms", "bigint", "Voice: how long the agent interrupted."),
    Column("interruptions_time_customer_ms", "bigint", "Voice: how long the customer interrupted."),
    Column("interruptions_total_count", "bigint", "Voice: how often either interrupted."),
    Column("interruptions_agent_count", "bigint", "Voice: how often the agent interrupted."),
    Column("interruptions_customer_count", "bigint", "Voice: how often the customer interrupted."),
    Column("sentiment_overall_score_agent", "double", "The agent's sentiment, -5 to 5."),
    Column("sentiment_overall_score_customer", "double", "The customer's sentiment, -5 to 5."),
    Column(
        "sentiment_interaction_score_customer_with_agent",
        "double",
        "Chat: the customer's sentiment after the agent joined.",
    ),
    Column(
        "sentiment_interaction_score_customer_without_agent",
        "double",
        "Chat: the customer's sentiment before the agent joined.",
    ),
    Column("sentiment_end_score_agent", "double", "The agent's sentiment in the last quarter."),
    Column("sentiment_end_score_customer", "double", "The customer's in the last quarter."),
    Column("response_time_average_agent_ms", "bigint", "Chat: the agent's answers, on average."),
    Column("response_time_average_customer_ms", "bigint", "Chat: the customer's, on average."),
    Column("response_time_maximum_agent_ms", "bigint", "Chat: the agent's slowest answer."),
    Column("response_time_maximum_customer_ms", "bigint", "Chat: the customer's slowest answer."),
    Column(
        "data_lake_last_processed_timestamp",
        "timestamp",
        "Empty: a day made again from the same contacts is the same file.",
    ),
    Column("loupe_channels", "array<string>", "The media that the contact has."),
    Column("initiation_timestamp", "timestamp", "When the contact began, UTC."),
    Column("initiation_method", "string", "How it began, as the contact record has it."),
    Column("duration_ms", "bigint", "Length of the recording, or first to last chat item."),
    Column("talk_ms", "bigint", "Voice: time in which somebody spoke; overlap counts once."),
    Column("handle_ms", "bigint", "Interaction, hold and after-contact work."),
    Column("queue_id", "string", "The queue."),
    Column("queue_name", "string", "The queue's name."),
    Column("agent_id", "string", "The agent."),
    Column("agent_name", "string", "The agent's name."),
    Column("customer_ref", "string", "The customer's pseudonym."),
    Column("attributes", "string", "The contact's attributes as JSON, masked as they are shown."),
    Column("turns", "bigint", "How many turns were analysed."),
    Column("sentiment_shift", "double", "The customer's last quarter less the first."),
    Column("brought_categories", "array<string>", "Categories that only an import matched."),
    Column("risk_score", "double", "0 to 1000, as it was assessed."),
    Column("risk_outcome", "string", "What the assessment came to."),
    Column("summary", "string", "The summary's sentences, quoted from the redacted text."),
    Column("summary_generated", "string", "What a language model wrote, where one was asked."),
    Column("text_agent", "string", "What the agent said, redacted, a turn a line."),
    Column("text_customer", "string", "What the customer said, redacted, a turn a line."),
    Column("loupe_rule_set", "string", "The hash of the rule set behind the categories."),
    Column("loupe_engines", "array<string>", "What made the products: stage=engine version."),
    Column("loupe_skipped", "array<string>", "What was not analysed: capability:reason."),
    Column("loupe_flags", "array<string>", "Repairs and limits of the input."),
    Column("loupe_synthetic", "boolean", "Whether it is one of the shipped samples."),
)


def file_key(day: str) -> str:
    """Where the rows of a day lie, as Hive and Athena name partitions."""
    return f"lake/{TABLE}/{PARTITION}={day}/part-0.parquet"


def rows_key(day: str, mark: str) -> str:
    """Some rows of a day as JSON Lines, named by what they are made of."""
    return f"{ROWS}{day}/{mark}.jsonl"


def day_key(number: int) -> str:
    """The ``number``-th day that was marked for the first time."""
    return f"{CONTROL}days/{number:06d}.json"


def due_key(day: str) -> str:
    """Written whenever a contact of the day changes."""
    return f"{CONTROL}due/{day}.json"


def building_key(day: str) -> str:
    """How far the day's rows are gathered."""
    return f"{CONTROL}building/{day}.json"


def ordered_key(day: str) -> str:
    """Which rows the day's file is to hold."""
    return f"{CONTROL}ordered/{day}.json"


def written_key(day: str) -> str:
    """Which rows the day's file holds."""
    return f"{CONTROL}written/{day}.json"


def mark_of(chunks: Iterable[str]) -> str:
    """A name for what a file is made of."""
    return hashlib.sha256("\n".join(chunks).encode()).hexdigest()[:40]


def canonical(plain: Mapping[str, object]) -> bytes:
    """JSON that is equal for equal values."""
    return json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()
