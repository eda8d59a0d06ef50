"""Boosted trees as Java source: one class, no library, a method a tree. Compiled and run where a JDK is found."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifecycle.deploy.formats.errors import FormatError
from lifecycle.deploy.formats.trees import Ensemble, Tree

if TYPE_CHECKING:
    import numpy as np

_NAME = re.compile(r"[A-Z][A-Za-z0-9]{0,60}")
_SECONDS = 120
_CLASS = """/** A model as plain Java: features in the order of {order}. Generated; do not edit. */
public final class {name} {{
    public static double score(float[] x) {{
        if (x.length != {width}) throw new IllegalArgumentException("{width} features are needed");
        float sum = {base};
{calls}
        return 1.0 / (1.0 + Math.exp(-(double) sum));
    }}

{methods}
}}
"""
_RUNNER = """import java.io.*;

public final class Runner {{
    public static void main(String[] arguments) throws IOException {{
        DataInputStream in = new DataInputStream(new BufferedInputStream(new FileInputStream(arguments[0])));
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(new FileOutputStream(arguments[1])));
        float[] x = new float[{width}];
        for (int rows = Integer.parseInt(arguments[2]); rows > 0; rows--) {{
            for (int k = 0; k < x.length; k++) x[k] = in.readFloat();
            out.writeDouble({name}.score(x));
        }}
        out.close();
    }}
}}
"""


def to_java(ensemble: Ensemble, *, name: str = "Model") -> str:
    """Write boosted trees as a Java class with ``public static double score(float[] x)``, before calibration.

    Floats are written so that Java reads the same bits, and summed in float as xgboost does.

    Parameters
    ----------
    ensemble : Ensemble
    name : str
        The class: letters and digits, the first a capital.
    """
    if not _NAME.fullmatch(name) or name == "Runner":
        raise FormatError(f"{name!r} is no name for the class", where="Java")
    methods = "\n\n".join(
        f"    private static float t{number}(float[] x) {{\n{_statement(tree, 0, 2)}    }}"
        for number, tree in enumerate(ensemble.trees)
    )
    calls = "\n".join(f"        sum += t{number}(x);" for number in range(len(ensemble.trees)))
    order = ", ".join(re.sub(r"[^A-Za-z0-9_ ]", "_", feature) for feature in ensemble.features)
    return _CLASS.format(
        name=name, width=len(ensemble.features), base=_float(ensemble.base), calls=calls, methods=methods, order=order
    )


def java_compiler() -> tuple[str, str] | None:
    """Programs to compile and to run Java, or None where this machine has no JDK."""
    compiler, runtime = shutil.which("javac"), shutil.which("java")
    return (compiler, runtime) if compiler and runtime else None


def run_java(source: str, values: np.ndarray[Any, Any], *, name: str = "Model") -> np.ndarray[Any, Any]:
    """Compile a class that `to_java` wrote, in a temporary folder, and score rows with it in a process of its own.

    Parameters
    ----------
    source : str
    values : array of float32, shape (n, k)
    name : str

    Returns
    -------
    array of float64, shape (n,)

    Raises
    ------
    FormatError
        Where there is no JDK, the source does not compile, or the program fails.
    """
    import numpy as np

    programs = java_compiler()
    if programs is None:
        raise FormatError("there is no Java compiler on this machine", where="Java", tried="javac and java on the PATH",
                          remedy="install a JDK from your system's packages; a runtime alone has no compiler")  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / f"{name}.java").write_text(source, encoding="utf-8")
        (place / "Runner.java").write_text(_RUNNER.format(name=name, width=values.shape[1]), encoding="utf-8")
        values.astype(">f4").tofile(place / "rows")
        lean = "-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC"
        _run([programs[0], *lean, "-nowarn", "-d", folder, f"{name}.java", "Runner.java"], place)
        _run([programs[1], "-XX:+UseSerialGC", "-cp", folder, "Runner", "rows", "scores", str(len(values))], place)
        return np.fromfile(place / "scores", dtype=">f8").astype("float64")


def _run(command: list[str], place: Path) -> None:
    try:
        done = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise FormatError(f"it took longer than {_SECONDS} s", where=f"Java: {Path(command[0]).name}") from error
    if done.returncode:
        raise FormatError("it failed", where=f"Java: {Path(command[0]).name}", tried=(done.stderr or done.stdout)[:400])


def _statement(tree: Tree, node: int, depth: int) -> str:
    indent = "    " * depth
    if tree.leaf(node):
        return f"{indent}return {_float(tree.value[node])};\n"
    question = f"x[{tree.feature[node]}] {tree.operator} {_float(tree.threshold[node])}"
    left, right = (_statement(tree, at, depth + 1) for at in (tree.left[node], tree.right[node]))
    return f"{indent}if ({question}) {{\n{left}{indent}}} else {{\n{right}{indent}}}\n"


def _float(value: float) -> str:
    """A literal that Java reads as the same float32."""
    import numpy as np

    short = np.float32(value)
    if not np.isfinite(short):
        raise FormatError(f"{value!r} is no finite float", where="Java")
    return f"{np.format_float_scientific(short, unique=True, trim='0')}f"
