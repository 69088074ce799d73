"""Types of the fields of a scenario: names, texts, moments, levels of traits, sources.

Every type says in plain words what it wants; `wording` turns what pydantic finds into faults.
"""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

from virtu.errors import InputError
from virtu.scenario.calendar import day, is_tick
from virtu.scenario.distributions import kind_flaw
from virtu.scenario.nodes import quoted

LONGEST_NAME = 80
SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"


class Part(BaseModel):
    """Any part of a scenario: nothing unknown in it, nothing coerced, nothing changed later."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def _plain_fault(message: str, hint: str = "") -> PydanticCustomError:
    return PydanticCustomError("plain", "{message}", {"message": message, "hint": hint})


def _name(text: str) -> str:
    if not 1 <= len(text) <= LONGEST_NAME:
        raise _plain_fault(f"must have 1 to {LONGEST_NAME} characters, found {len(text)}")
    if any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in text):
        raise _plain_fault(f"must hold no line breaks and no control characters, found {quoted(text)}")
    if not any(character.isalnum() for character in text):
        raise _plain_fault(f"must contain a letter or a digit, found {quoted(text)}")
    return text


def _moment(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise _plain_fault(f"must be a date or a tick, found {quoted(value)}", "write 1922-04, 1922-04-03 or 12")
    if not is_tick(value):
        _day(value)
    return value


def _day(value: Any) -> Any:
    if not isinstance(value, str):
        raise _plain_fault(f"must be a date, found {quoted(value)}", "write 1922-04 or 1922-04-03")
    try:
        day(value)
    except InputError as error:
        raise _plain_fault(f"must be a date, but {error.message}", error.hint) from None
    return value


def _several(value: Any) -> Any:
    if not isinstance(value, str | tuple):
        raise _plain_fault(f"must be a name or a list of names, found {quoted(value)}")
    return (value,) if isinstance(value, str) else value


def _known_kind(value: Any) -> Any:
    wrong = kind_flaw(value)
    if wrong is not None:
        raise _plain_fault(f"cannot be read: {wrong.message}", wrong.hint)
    return value


def _level_kind(value: Any) -> str:
    return "distribution" if isinstance(value, dict) else "number"


def _stated(value: Any) -> Any:
    if isinstance(value, dict) and value.keys() & Stated.model_fields.keys():
        return value
    return value if isinstance(value, Stated) else {"value": value}


def _cited(value: Any) -> Any:
    if not isinstance(value, str | dict | Source):
        raise _plain_fault(f"must be text or a mapping, found {quoted(value)}")
    return {"text": value} if isinstance(value, str) else value


Name: TypeAlias = Annotated[str, AfterValidator(_name), Field(json_schema_extra={"minLength": 1, "maxLength": LONGEST_NAME})]
Text: TypeAlias = Annotated[str, Field(min_length=1)]
Names: TypeAlias = Annotated[tuple[Name, ...], BeforeValidator(_several, json_schema_input_type=str | tuple[str, ...])]
Day: TypeAlias = Annotated[str, BeforeValidator(_day, json_schema_input_type=str)]
When: TypeAlias = Annotated[int | str, BeforeValidator(_moment, json_schema_input_type=int | str)]
Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]
Strength: TypeAlias = Annotated[float, Field(ge=0)]
NumberOrDistribution: TypeAlias = Annotated[
    Annotated[float, Tag("number")] | Annotated[dict[str, tuple[float, ...]], BeforeValidator(_known_kind), Tag("distribution")],
    Discriminator(_level_kind),
]


class Stated(Part):
    """A number or a distribution, with what it rests on."""

    value: NumberOrDistribution = Field(description="a number, or one distribution such as {normal: [0.5, 0.1]}")
    source: Names = Field(default=(), description="keys of sources")
    assumption: str = Field(default="", description="why, where there is no source")
    note: str = Field(default="", description="anything a reader should know")


Value: TypeAlias = Annotated[Stated, BeforeValidator(_stated, json_schema_input_type=Stated | float | dict[str, tuple[float, ...]])]


class Source(Part):
    """A work that something rests on."""

    text: Text = Field(description="the reference")
    url: str = Field(default="", description="where to read it")
    unconfirmed: bool = Field(default=False, description="whether the work was not opened for this file")


Reference: TypeAlias = Annotated[Source, BeforeValidator(_cited, json_schema_input_type=Source | str)]
