"""The build step that pyproject.toml cannot say: example scenarios, the pages of the documentation
and the citation go into the wheel.

scenarios/, docs/ and CITATION.cff are their one source. A checkout or an editable install reads
them where they stand.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

CITATION = Path("CITATION.cff")
SOURCE, INSTALLED = Path("scenarios"), Path("p2p_cosim", "scenario", "examples")


class BuildWithCopies(build_py):
    """Copies files beside the modules that find them."""

    def run(self) -> None:
        """Build, then copy."""
        super().run()
        for source, target in self._copies():
            self.mkpath(str(target.parent))
            self.copy_file(str(source), str(target))

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        """What a build writes, the copies too."""
        built = [str(target) for _, target in self._copies()]
        return [*super().get_outputs(include_bytecode), *built]

    def get_source_files(self) -> list[str]:
        """What an sdist needs, the copies too."""
        return [*super().get_source_files(), *(str(source) for source, _ in self._copies())]

    def _copies(self) -> Iterator[tuple[Path, Path]]:
        if self.editable_mode:
            return
        beside_commands = Path(self.build_lib) / "p2p_cosim" / "cli"
        yield CITATION, beside_commands / CITATION.name
        for page in sorted(Path("docs").rglob("*.md")):
            yield page, beside_commands / page
        for source in sorted(SOURCE.rglob("*")):
            if source.suffix in (".yaml", ".csv", ".py"):
                yield source, Path(self.build_lib) / INSTALLED / source.relative_to(SOURCE)


setup(cmdclass={"build_py": BuildWithCopies})
