"""Tables of any engine: taken in through Narwhals, made alike, and brought over into pandas once they are small.

pandas is what everything here is made of, and its frames never come by this way. Other engines tell the same things in
their own types: dates as days or as moments of several units, categories, decimals, true and false as numbers, NaN
beside null. They order text and null in their own ways too, so what comes over is sorted here, not there.
"""

import warnings
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd

from analysis.errors import ParameterError, Problem, unknown

if TYPE_CHECKING:
    import narwhals as nw
    from narwhals.typing import IntoDataFrame, IntoLazyFrame

    Frame: TypeAlias = pd.DataFrame | IntoDataFrame | IntoLazyFrame

KINDS = "a DataFrame of pandas, polars, Dask, PySpark or SQLFrame, a polars LazyFrame, or a DuckDB relation"
_ENGINES = {"POLARS", "DUCKDB", "DASK", "PYSPARK", "PYSPARK_CONNECT", "SQLFRAME"}
_DAY = "datetime64[us]"


def lazy(frame: "Frame", columns: Iterable[str] | None = None, *, what: str = "statements") -> "nw.LazyFrame[Any]":
    """The frame of an engine for questions that the engine answers, its values made alike; nothing is computed yet.

    Parameters
    ----------
    frame
        Of one of `KINDS`, but not of pandas.
    columns
        Those that are needed; by default all.
    what
        What an error calls it.

    Raises
    ------
    ParameterError
        A frame of another kind, or a column that it does not have.
    """
    import narwhals as nw  # noqa: PLC0415  # only for those who need it

    taken = _taken(frame)
    if not isinstance(taken, nw.DataFrame | nw.LazyFrame) or taken.implementation.name not in _ENGINES:
        raise ParameterError(Problem("", 0, f"{what} as {_name(frame)}", KINDS))
    schema = taken.collect_schema()
    wanted = list(schema) if columns is None else list(dict.fromkeys(columns))
    missing = [unknown(f"{what}: the column", name, schema) for name in wanted if name not in schema]
    if missing:
        raise ParameterError(missing)
    is_sql = not (taken.implementation.is_polars() or taken.implementation.is_dask())
    return taken.lazy().select(_alike(name, schema[name], is_sql=is_sql) for name in wanted)


def _taken(frame: Any) -> Any:
    """The frame as Narwhals has it, which tells in a FutureWarning where its part on Dask will live one day."""
    import narwhals as nw  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Dask support is moving out of Narwhals", FutureWarning)
        return nw.from_native(frame, pass_through=True)


def _name(frame: Any) -> str:
    kind = type(frame)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__.partition('.')[0]} {kind.__name__}"


def _alike(name: str, dtype: Any, *, is_sql: bool) -> Any:
    """A column as text, a whole number, a float without NaN, a truth value, or a moment in its own time zone."""
    import narwhals as nw  # noqa: PLC0415

    column = nw.col(name)
    if isinstance(dtype, nw.Categorical | nw.Enum):
        return column.cast(nw.String)
    if dtype.is_float() or dtype.is_decimal():
        number = column.cast(nw.Float64)
        return nw.when(~number.is_nan()).then(number).alias(name)
    if isinstance(dtype, nw.Date | nw.Datetime):
        is_local = getattr(dtype, "time_zone", None) is None or is_sql
        return (column if is_local else column.dt.replace_time_zone(None)).cast(nw.Datetime("us"))
    return column


def settled(frame: "nw.LazyFrame[Any]") -> "nw.LazyFrame[Any]":
    """The same frame, so that more can be asked of what was joined or grouped.

    Dask passes on by which columns rows lie together, and then fails to find these among what a grouping makes next.
    """
    if not frame.implementation.is_dask():
        return frame
    together: nw.LazyFrame[Any] = _taken(frame.to_native().map_partitions(_same))
    return together


def lowest(frame: "nw.LazyFrame[Any]", name: str, keys: Sequence[str]) -> "nw.LazyFrame[Any]":
    """Of the rows with the same keys, none of which is missing, those with the lowest value."""
    import narwhals as nw  # noqa: PLC0415  # only for those who need it

    least = nw.col(name).min().alias("least of them")
    if frame.implementation.is_dask():  # whose windows are put in place by an index, which is not unique
        frame = settled(frame)
        frame = settled(frame.join(settled(frame.group_by(*keys).agg(least)), on=list(keys), how="inner"))
    else:
        frame = frame.with_columns(least.over(*keys))
    return frame.filter(nw.col(name) == nw.col("least of them")).drop("least of them")


def _same(frame: Any) -> Any:
    return frame


def small(frame: "nw.LazyFrame[Any]") -> pd.DataFrame:
    """The rows of a frame in pandas, in no order; texts, numbers, truth values and dates as our tables have them."""
    import narwhals as nw  # noqa: PLC0415

    streams: dict[str, Any] = (
        {"engine": "streaming"} if frame.implementation.is_polars() else {}
    )  # polars' other way holds all in memory
    rows = frame.collect(**streams)
    made = {name: _own(rows[name].to_pandas(), dtype, nw) for name, dtype in rows.schema.items()}
    return pd.DataFrame(made).reset_index(drop=True)


def _own(values: Any, dtype: Any, nw: Any) -> "pd.Series[Any]":
    """The values in the type that our tables have for them."""
    made: pd.Series[Any] = values.astype(_dtype(values, dtype, nw))
    return made


def _dtype(values: "pd.Series[Any]", dtype: Any, nw: Any) -> Any:
    has_gaps = values.isna().any()
    if isinstance(dtype, nw.String | nw.Categorical | nw.Enum):
        return "str"
    if dtype.is_integer():
        return "Int64" if has_gaps else "int64"
    if isinstance(dtype, nw.Boolean):
        return "boolean" if has_gaps else "bool"
    if isinstance(dtype, nw.Date | nw.Datetime):
        return _DAY
    return "float64" if dtype.is_numeric() else values.dtype
