"""Input files that are jinja2 templates, filled in by a process that is bounded in all it takes."""

from __future__ import annotations

from hwsim.templates.filled import INCLUDED_TAG, FilledTexts, Value
from hwsim.templates.filling import fill_templates, is_template

__all__ = ["INCLUDED_TAG", "FilledTexts", "Value", "fill_templates", "is_template"]
