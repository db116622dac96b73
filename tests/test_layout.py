"""The folder is called platform, the stdlib module is too; keep them apart."""

import platform
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_stdlib_platform_module_is_not_shadowed() -> None:
    assert not (ROOT / "platform" / "__init__.py").exists()
    assert platform.python_implementation()


def test_platform_holds_packages_and_its_readme_only() -> None:
    for entry in (ROOT / "platform").iterdir():
        if entry.name == "__pycache__":
            continue
        assert entry.name == "README.md" or (entry / "__init__.py").exists(), entry
