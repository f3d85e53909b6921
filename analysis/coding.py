"""What a corpus holds and how well it is coded: what a careful reader asks before trusting a number."""

import pandas as pd

from analysis import dates
from analysis.schema import Tables


def coding_checks(tables: Tables) -> pd.DataFrame:
    """Questions to the coding, one row each, with how many statements each is true of.

    Returns
    -------
    pandas.DataFrame
        check (the question's answer in words), n_statements (of which it is true), share (of all statements, 0 to 1;
        NaN where there are none), articles (ids in which they stand, joined by ", ").

    Examples
    --------
    >>> import analysis
    >>> checks = coding_checks(analysis.one_coding(analysis.load("russia-taliban")))
    >>> bool((checks["n_statements"] <= 99).all())
    True
    """
    said = tables.statements
    published = tables.articles.set_index("article_id")[["published_start", "published_end"]]
    with_article = said.join(published, on="article_id", validate="m:1")
    starts_so = with_article["date_start"] == with_article["published_start"]
    marks = {
        "quote is at hand": said["quote"].notna(),
        "quote is withheld": said["quote"].isna(),
        "has no gloss": said["gloss"].isna(),
        "is mixed (both sides in one span)": said["is_mixed"],
        "carries a condition": said["condition"].notna(),
        "has no date but the article's": starts_so & (with_article["date_end"] == with_article["published_end"]),
        "is dated to the day": said["date_precision"] == "day",
        "speaks for no organisation": said["organisation_id"].isna(),
    }
    rows = [
        {
            "check": check,
            "n_statements": int(mark.sum()),
            "share": float(mark.mean()) if len(mark) else float("nan"),
            "articles": ", ".join(sorted(set(said.loc[mark, "article_id"]))),
        }
        for check, mark in marks.items()
    ]
    return pd.DataFrame(rows)


def coder_list(tables: Tables) -> pd.DataFrame:
    """The coders with how much each recorded, who coded most articles first.

    Returns
    -------
    pandas.DataFrame
        coder_id, n_articles (with a record of this coder), n_statements, n_mentions.
    """
    keys = ["coder_id", "article_id"]
    said = tables.statements[keys].assign(n_statements=1, n_mentions=0)
    told = tables.mentions[keys].assign(n_statements=0, n_mentions=1)
    coders = pd.concat([said, told]).groupby("coder_id", as_index=False).agg(
        n_articles=("article_id", "nunique"), n_statements=("n_statements", "sum"), n_mentions=("n_mentions", "sum")
    )  # fmt: skip
    return coders.sort_values(["n_articles", "coder_id"], ascending=[False, True], ignore_index=True)


def article_list(tables: Tables) -> pd.DataFrame:
    """The articles in order of date, with how precise that is and how much was coded in each.

    Returns
    -------
    pandas.DataFrame
        All columns of `articles`, date (the interval as its source gave it), n_statements, n_speakers, n_mentions.
    """
    articles = tables.articles.sort_values(["published_start", "published_end", "article_id"], ignore_index=True)
    spans = zip(articles["published_start"], articles["published_end"], articles["published_precision"], strict=True)
    said, told = tables.statements.groupby("article_id"), tables.mentions.groupby("article_id")
    counts = {"n_statements": said.size(), "n_speakers": said["speaker_id"].nunique(), "n_mentions": told.size()}
    return articles.assign(
        date=pd.Series([dates.label(*span) for span in spans], dtype="str"),
        **{name: articles["article_id"].map(count).fillna(0).astype("int64") for name, count in counts.items()},
    )


def issue_list(tables: Tables) -> pd.DataFrame:
    """The issues in the codebook's order, each with how many statements, speakers and articles speak to it.

    Returns
    -------
    pandas.DataFrame
        issue_id, proposition, n_statements, n_speakers, n_articles; zeros where nobody spoke to it.
    """
    counts = tables.statements.groupby("issue_id").agg(
        n_statements=("statement_id", "size"),
        n_speakers=("speaker_id", "nunique"),
        n_articles=("article_id", "nunique"),
    )
    issues = tables.issues.join(counts, on="issue_id", validate="1:1")
    return issues.fillna(dict.fromkeys(counts, 0)).astype(dict.fromkeys(counts, "int64"))


def actor_list(tables: Tables) -> pd.DataFrame:
    """The actors of the codebook with their part in the corpus, those with most statements first.

    Returns
    -------
    pandas.DataFrame
        All columns of `actors`, n_statements (as speaker), n_spoken_for (as organisation), n_events (any role).
    """
    said, roles = tables.statements, tables.event_actors.drop_duplicates(["event_id", "actor_id"])
    counts = {
        "n_statements": said["speaker_id"].value_counts(),
        "n_spoken_for": said["organisation_id"].value_counts(),
        "n_events": roles["actor_id"].value_counts(),
    }
    actors = tables.actors.assign(
        **{name: tables.actors["actor_id"].map(count).fillna(0).astype("int64") for name, count in counts.items()}
    )
    order = ["n_statements", "n_spoken_for", "n_events", "actor_id"]
    return actors.sort_values(order, ascending=[False, False, False, True], ignore_index=True)
