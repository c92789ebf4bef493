"""Rows, their bars, and the Markdown table."""

import operator
from dataclasses import dataclass
from statistics import median

COMPARE = {"≥": operator.ge, "≤": operator.le}


@dataclass(frozen=True)
class Bar:
    """What a row has to reach."""

    sign: str
    limit: float

    def holds(self, value):
        return COMPARE[self.sign](value, self.limit)


def at_least(limit):
    return Bar("≥", limit)


def at_most(limit):
    return Bar("≤", limit)


@dataclass(frozen=True)
class Row:
    """One measurement: a value from each round, of which the median counts."""

    what: str
    values: list
    bar: Bar | None = None
    unit: str = ""
    detail: str = ""
    digits: int = 2

    @property
    def value(self):
        return median(self.values)

    @property
    def missed(self):
        return self.bar is not None and not self.bar.holds(self.value)

    def _text(self, number):
        return f"{number:,.{self.digits}f}{self.unit}"

    def markdown(self):
        spread = ""
        if len(self.values) > 1:
            spread = f"{self._text(min(self.values))} to {self._text(max(self.values))}"
        bar = verdict = ""
        if self.bar is not None:
            limit = f"{self.bar.limit:,.{self.digits}f}".rstrip("0").rstrip(".") if self.digits else self.bar.limit
            bar = f"{self.bar.sign} {limit}{self.unit}"
            verdict = "MISSED" if self.missed else "ok"
        return f"| {self.what} | {self._text(self.value)} | {spread} | {bar} | {verdict} | {self.detail} |"


def paired(results, over, under, read):
    """The ratio of two targets in each round: both were measured seconds apart, so what else ran cancels out."""
    return [read(a) / read(b) for a, b in zip(results[over], results[under], strict=True)]


def markdown(facts, rows):
    lines = [
        "| machine | |", "|---|---|", *(f"| {name} | {value} |" for name, value in facts), "",
        "| measured | median | rounds | bar | | in figures |", "|---|---:|---|---|---|---|",
        *(row.markdown() for row in rows)]
    return "\n".join(lines)
