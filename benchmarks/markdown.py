"""What benchmarks write into a page: on which machine, and the text between the marks of a part."""

import os
import platform
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

LIBRARIES = "fastapi starlette uvicorn uvloop httptools msgspec pydantic scikit-learn onnxruntime"


def describe_machine() -> str:
    cpus = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in cpus if "model name" in line), "CPU")
    kernel = f"{platform.system()} {platform.release()}"
    parts = [f"{model}, {os.cpu_count()} cores, {kernel}, Python {platform.python_version()}"]
    for name in LIBRARIES.split():
        try:
            parts.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return ", ".join(parts)


def write_between(path: Path, part: str, text: str) -> None:
    """Replace what stands between <!-- part --> and <!-- /part -->."""
    begin, end = f"<!-- {part} -->", f"<!-- /{part} -->"
    pattern = re.compile(f"{begin}.*?{end}", re.DOTALL)
    page = path.read_text()
    if not pattern.search(page):
        raise SystemExit(f"{path} has no {begin} and {end} to write between")
    path.write_text(pattern.sub(lambda _: f"{begin}\n{text.strip()}\n{end}", page))
