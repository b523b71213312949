"""The build step that pyproject.toml cannot say: example scenarios go into the wheel.

scenarios/ is their one source. A checkout or an editable install reads it where it stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

SOURCE, INSTALLED = Path("scenarios"), Path("p2p_cosim", "scenario", "examples")


class BuildWithExamples(build_py):
    """Copies scenarios/ beside the module that finds them."""

    def run(self) -> None:
        """Build, then copy."""
        super().run()
        for source, target in self._examples():
            self.mkpath(str(target.parent))
            self.copy_file(str(source), str(target))

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        """What a build writes, the examples too."""
        built = [str(target) for _, target in self._examples()]
        return [*super().get_outputs(include_bytecode), *built]

    def get_source_files(self) -> list[str]:
        """What an sdist needs, the examples too."""
        return [*super().get_source_files(), *(str(source) for source, _ in self._examples())]

    def _examples(self) -> Iterator[tuple[Path, Path]]:
        if self.editable_mode:
            return
        for source in sorted(SOURCE.rglob("*")):
            if source.suffix in (".yaml", ".csv", ".py"):
                yield source, Path(self.build_lib) / INSTALLED / source.relative_to(SOURCE)


setup(cmdclass={"build_py": BuildWithExamples})
