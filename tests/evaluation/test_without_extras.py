"""What `make serve` does not install is asked for in a sentence."""

import builtins

import pytest

from rag.errors import UsageError
from rag.evaluation import samples


def test_no_reportlab(monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name.startswith("reportlab"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UsageError, match=r"\[eval\]"):
        samples.pdf([samples.Section("LoRA", ("A text.",))])
