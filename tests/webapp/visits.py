"""Visits every page by AppTest, and tells which large packages that loaded; a program of tests."""

import sys

from streamlit.testing.v1 import AppTest

LARGE = {"altair", "narwhals", "numpy", "pandas", "pyarrow", "pydeck"}


def show(name):
    from importlib import import_module

    import streamlit as st

    from webapp.client.serving import Client
    from webapp.session import current_session
    from webapp.settings import load_settings

    own = st.Page(lambda: None, title="here", url_path="here", default=True)
    st.navigation([own], position="hidden")
    st.session_state.pages = {"model": own, "monitoring": own}
    page = import_module(f"webapp.{name}_page.page")
    page.show(Client(load_settings()), current_session())


def visit(name):
    app = AppTest.from_function(show, kwargs={"name": name}, default_timeout=60).run()
    assert not app.exception, app.exception
    return app


def main(prediction):
    for name in ("overview", "predict", "history", "review", "model", "monitoring"):
        app = visit(name)
        if name == "predict":
            app.button("sample").click().run()
            assert app.get("bidi_component")
        if name == "history":
            app.text_input("find").set_value(prediction).run()
            app.button(f"why-{prediction}").click().run()
            assert app.get("vega_lite_chart")
        assert not app.exception, (name, app.exception)
    print(sorted(LARGE & set(sys.modules)))


if __name__ == "__main__":
    main(*sys.argv[1:])
