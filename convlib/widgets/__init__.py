"""The book's widgets: ordinary anywidgets in JupyterLab, alive without a kernel on the static page.

Each is imported when it is first asked for: a notebook pays for, and depends on, what it uses.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the list that editors read, and book/_ext/book_cache.py, which tells what a notebook depends on
    from convlib.widgets.answer import Answer
    from convlib.widgets.base import Widget
    "ChannelsExplorer",
