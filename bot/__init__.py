"""A Discord bot that paints what a member describes, within limits that nobody can overspend."""

import sys

# Where rich and click are installed, httpx (0.28) imports its command line client, and both of them, for nobody.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # so that importing it fails
