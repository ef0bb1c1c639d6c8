"""The public names of the tasks, and what they cost to import."""

from __future__ import annotations

import subprocess
import sys

import pytest

from rowspace import tasks
from rowspace.errors import MissingExtraError

WITHOUT_TORCH = """
import sys
sys.modules["torch"] = None
import rowspace.tasks as tasks
print(tasks.TextClassifier(dim=3).dim)
try:
    tasks.Tagger
except ImportError as error:
    print(error)
"""


def test_every_name_is_there():
    pytest.importorskip("torch")
    for name in tasks.__all__:
        assert getattr(tasks, name).__name__ == name
    assert set(tasks.__all__) <= set(dir(tasks))
    with pytest.raises(AttributeError, match="has no attribute 'Tager'"):
        _ = tasks.Tager


def test_the_linear_classifier_needs_no_torch():
    result = subprocess.run([sys.executable, "-c", WITHOUT_TORCH], capture_output=True, text=True, check=True)
    assert result.stdout.startswith("3\n")
    assert "pip install 'rowspace[torch]'" in result.stdout
    assert issubclass(MissingExtraError, ImportError)


def test_importing_the_tasks_does_not_import_torch():
    program = "import sys, rowspace.tasks; rowspace.tasks.TextClassifier; print('torch' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout == "False\n"
