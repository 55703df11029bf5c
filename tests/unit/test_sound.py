"""Sounds: a named player with a stable text, and bad input by its message."""

from __future__ import annotations

import io
import wave

import numpy as np
import pytest

from convlib.sound import listen


def test_a_sound_is_a_named_player():
    """The page gets a WAV of the right rate and length, labelled; the text is the same in every run."""
    sound = listen(np.sin(np.arange(11_025)), 11_025, "a <tone>")
    assert repr(sound) == "Sound: a <tone> (1.0 seconds)"
    html = sound._repr_html_()
    assert 'aria-label="a &lt;tone&gt;"' in html
    assert "<figcaption>a &lt;tone&gt;</figcaption>" in html
    with wave.open(io.BytesIO(sound.data)) as recording:
        assert (recording.getframerate(), recording.getnframes(), recording.getsampwidth()) == (11_025, 11_025, 2)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([], 8000, "x"), ValueError, "samples is empty"),
        (([1j], 8000, "x"), TypeError, "samples must be real"),
        (([np.nan], 8000, "x"), ValueError, "samples holds 1"),
        (([0.0], 0, "x"), ValueError, "rate must be greater than 0"),
        (([0.0], 8000, " "), ValueError, "name must say what is heard"),
    ],
)
def test_bad_input_is_named(arguments, error, message):
    """Every error says which argument."""
    with pytest.raises(error, match=message):
        listen(*arguments)
