"""Explicit Spark schemas of what the binary prints. A test holds them equal to what it does print."""

from pyspark.sql.types import ArrayType, BooleanType, IntegerType, StringType, StructField, StructType

#: What the page itself quotes of a post.
QUOTED = StructType([
    StructField("text", StringType()),
    StructField("author_name", StringType()),
    StructField("author_handle", StringType()),
    StructField("published", StringType()),
    StructField("links", ArrayType(StringType())),
])

#: An embed: a row of ``embeds``. ``page`` is the page's own row id: it is sortable within a file, and unique also where
#: URLs repeat. All but ``page`` is as ``embalm detect --json`` prints it.
EMBED = StructType([
    StructField("page", StringType(), nullable=False),
    StructField("article", StringType(), nullable=False),
    StructField("position", IntegerType(), nullable=False),
    StructField("platform", StringType()),
    StructField("post_id", StringType()),
    StructField("url", StringType()),
    StructField("form", StringType(), nullable=False),
    StructField("scope", StringType(), nullable=False),
    StructField("quoted", QUOTED),
    StructField("schema", IntegerType(), nullable=False),
])

#: A page that failed, or was searched in part only: a row of ``errors``.
ERROR = StructType([
    StructField("page", StringType(), nullable=False),
    StructField("article", StringType()),
    StructField("error", StringType(), nullable=False),
    # The page was searched up to a limit, and what was found is in ``embeds``.
    StructField("partial", BooleanType(), nullable=False),
])

#: What a task of detect gives: rows of both, told apart by ``error``. Every field may be null here.
FOUND = StructType(
    [StructField(field.name, field.dataType) for field in EMBED]
    + [StructField(field.name, field.dataType) for field in ERROR if field.name not in EMBED.names]
)

def arrow(form):
    """The Arrow schema of a Spark schema."""
    from pyspark.sql.pandas.types import to_arrow_schema

    return to_arrow_schema(form)
