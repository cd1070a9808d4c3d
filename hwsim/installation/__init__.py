"""What of hwsim is installed here, and what of other tools it finds."""

from __future__ import annotations

from hwsim.installation.caches import CachePlace
from hwsim.installation.examination import Installation, examine
from hwsim.installation.extras import Extra, Package
from hwsim.installation.plugins import Plugin
from hwsim.installation.programs import Program

__all__ = ["CachePlace", "Extra", "Installation", "Package", "Plugin", "Program", "examine"]
