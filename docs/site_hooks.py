"""What the documentation site makes of files that are not pages of docs/.

Notebooks become pages, without outputs, and links to them lead there. Links from a page to another
file of the repository outside docs/ become plain text, because the site does not have it.
"""

from __future__ import annotations

import json
import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
_NOTEBOOK = re.compile(r"\.\./(notebooks/\w+)\.ipynb")
_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)#:\s]+)(#[^)\s]*)?\)")


def as_markdown(notebook: Path) -> str:
    """The cells of a notebook, code in fences, with its name to open it by."""
    parts = []
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        parts.append(source if cell["cell_type"] == "markdown" else f"```python\n{source}\n```")
    opened = f"*Open it in Jupyter: `notebooks/{notebook.name}`.*"
    return "\n\n".join([parts[0], opened, *parts[1:]])


def on_files(files: Files, config: Any) -> Files:
    """Add a page for every notebook."""
    for notebook in sorted(NOTEBOOKS.glob("*.ipynb")):
        page = f"notebooks/{notebook.stem}.md"
        files.append(File.generated(config, page, content=as_markdown(notebook)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Keep links to what the site has, and leave the words of the others."""
    folder = posixpath.dirname(page.file.src_uri)

    def kept(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(folder, link[2]))
        if notebook := _NOTEBOOK.fullmatch(target):
            return f"[{link[1]}]({posixpath.relpath(f'{notebook[1]}.md', folder or '.')})"
        return link[1] if target.startswith("..") else link[0]

    return _LINK.sub(kept, markdown)
