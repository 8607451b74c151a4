"""Model card: what a checkpoint was made of, what it was measured to do, and its limitations."""

from html import escape
from pathlib import Path

import streamlit as st

from chexview import settings
from chexview.errors import CheckpointError
from chexview.exports.run_table import written_percent
from chexview.model import card as cards
from chexview.model import checkpoint, input_check
from chexview.pages.download_buttons import save_table
from chexview.pages.run_selectors import caution, choose
from chexview.pages.state.session import session
from chexview.pages.table_columns import FINDING
from chexview.text import card as card_text
from chexview.text import markup

COLUMNS = {
    **FINDING,
    "Slope": st.column_config.NumberColumn(
        format="%.2f", help="Platt's calibration: log-odds are slope x network output + intercept"
    ),
    "Intercept": st.column_config.NumberColumn(format="%+.2f"),
    "Threshold": st.column_config.NumberColumn(help="Probability from which a film is flagged by default"),
}
CHECKPOINT = "checkpoint"


def page() -> None:
    """The page, from top to bottom."""
    st.html(Path(__file__).parent / "evaluate.css")
    st.html(Path(__file__).parent / "card.css")
    own = settings.load()
    found = checkpoint.find(own.checkpoints)
    if not found:
        st.title("Model card", anchor=False)
        caution("There is no checkpoint yet; put one into the folder checkpoints of CHEXVIEW_HOME.")
        st.stop()
    requested = st.query_params.get(CHECKPOINT, "")
    wish = requested or session().card or own.checkpoint or next(iter(found))
    anew = bool(requested) and requested != session().card
    name = choose("Checkpoint", list(found), wish, "card-checkpoint", {}, anew) if len(found) > 1 else next(iter(found))
    session().card = name
    try:
        card = cards.read(found[name])
    except CheckpointError as error:
        caution(str(error))
        st.stop()
    st.html(card_text.headline(card))
    st.header("Limitations", anchor=False)
    st.html(card_text.limits(card))
    if by_finding := card_text.finding_limits(card):
        st.html(markup.table(by_finding))
    if card.performance:
        st.header("Measured performance", anchor=False)
        table = card_text.numbers(card)
        st.dataframe(
            table.style.format({"Threshold": written_percent}, na_rep=""),
            hide_index=True,
            height="content",
            column_config=COLUMNS,
            alt=f"Numbers of {len(table)} findings",
        )
        save_table(table, f"{name}-numbers")
        if blind := card_text.control(card):
            st.html(f"<p class='said'>{escape(blind)}</p>")
        st.html(markup.paragraph(card_text.MEASURED, "fine"))
    if (experts := card_text.by_references(card)) is not None:
        st.header("By radiologists who saw the films", anchor=False)
        st.dataframe(
            experts,
            hide_index=True,
            height="content",
            column_config=FINDING,
            alt=f"AUROC of {len(experts) - 1} findings by radiologists",
        )
        save_table(experts, f"{name}-radiologists")
    if (maps := card_text.map_numbers(card)) is not None:
        st.header("Localisation by its maps", anchor=False)
        st.dataframe(
            maps,
            hide_index=True,
            height="content",
            column_config=FINDING,
            alt=f"Maps of {len(maps) - 1} findings against radiologists' outlines",
        )
        save_table(maps, f"{name}-maps")
        st.html(markup.paragraph(card_text.MAPS, "fine"))
    if steps := card_text.training(card.recipe):
        st.header("How it was trained", anchor=False)
        st.html(f"<ol class='limits'>{''.join(f'<li>{escape(step)}</li>' for step in steps)}</ol>")
    with st.expander("The input check, made before any score"):
        input_card = input_check.bundled().card
        st.html(f"<p>{card_text.INPUT_CHECK}</p>")
        rates = card_text.input_rates(input_card)
        st.dataframe(
            rates, hide_index=True, height="content", alt=f"How often the input check withholds {len(rates)} kinds"
        )
        st.html(f"<ul class='limits'>{''.join(f'<li>{escape(limit)}</li>' for limit in input_card.limits)}</ul>")
    with st.expander("What the findings are"):
        st.html(markup.table(card_text.meanings(card)))
    with st.expander("Where it comes from"):
        st.html(markup.table(card_text.origin(card)))
    st.download_button(
        "Save the card as JSON",
        card.to_json(),
        f"{name}-card.json",
        "application/json",
        icon=":material/download:",
        on_click="ignore",
    )
    st.query_params.update({CHECKPOINT: name})


page()
