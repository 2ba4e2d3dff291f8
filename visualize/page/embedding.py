"""Data and a program in one HTML file: JSON that ends no script, and a policy for this program alone.

>>> embedded({"a": "</script>"})
'{"a":"\\\\u003c/script>"}'
>>> policy("go()").startswith("default-src 'none'; script-src 'sha256-")
True
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Any


def embedded(data: Any) -> str:
    """The data as JSON for a script element; infinities and nan are refused."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def policy(script: str, within: str = "") -> str:
    """The page's content security policy; ``within`` is a page that it shows in a frame, which stands under the policy
    around it too.
    """
    scripts, frames = _source(script), ""
    if within:
        scripts, frames = f"{scripts} {_SCRIPTS.findall(within)[0]}", "; frame-src 'self'"
    return f"default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'{frames}"


def _source(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


_SCRIPTS = re.compile("script-src ([^;]+);")
