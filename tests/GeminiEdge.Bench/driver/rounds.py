"""Interleaved rounds: every target has its turn in each, so that all see the same machine."""

import sys


def say(text):
    print(text, file=sys.stderr, flush=True)


def interleave(rounds, subjects, measure):
    """Measures all subjects in every round, back and forth, and returns the results by name."""
    results = {name: [] for name in subjects}
    for number in range(rounds):
        order = list(subjects.items())
        # There and back: what comes early in one round comes late in the next.
        for name, subject in order if number % 2 == 0 else reversed(order):
            result = measure(subject)
            results[name].append(result)
            say(f"  round {number + 1}/{rounds}  {name}: {result}")
    return results
