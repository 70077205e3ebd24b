"""Each service of the stack gets its secrets and no others."""

import stat

import pytest

from scripts.cli.command import CommandError
from scripts.stack.stack_secrets import distribute_secrets, show
from serving.keys import load_keys


@pytest.fixture
def secrets(tmp_path):
    load_keys(tmp_path / "api" / "keys.json", required=False)
    distribute_secrets(tmp_path)
    return tmp_path


def test_the_page_may_predict_and_give_feedback_and_nothing_else(secrets):
    handed = {path.name for path in (secrets / "webapp").iterdir()}
    assert handed == {"predict.key", "feedback.key"}


def test_alertmanager_holds_a_key_that_may_only_send_alerts(secrets):
    wanted = (secrets / "api" / "alerts.key").read_text()
    assert (secrets / "alertmanager" / "alerts.key").read_text() == wanted
    assert not (secrets / "alertmanager" / "admin.key").exists()


def test_passwords_are_random_and_stay_at_the_second_start(secrets):
    before = (secrets / "store/password").read_text()
    distribute_secrets(secrets)
    assert (secrets / "store/password").read_text() == before
    assert before != (secrets / "grafana/password").read_text()


def test_other_users_can_read_what_is_handed_to_them(secrets):
    assert stat.S_IMODE((secrets / "store/password").stat().st_mode) == 0o444


def test_all_that_people_need_is_shown(secrets):
    names = [line.split()[0] for line in show(secrets).splitlines()]
    assert names == [
        "api/predict.key",
        "api/feedback.key",
        "api/admin.key",
        "store/password",
        "grafana/password",
        "alertmanager/password",
        "elasticsearch/password",
    ]


def test_before_the_first_start_there_is_nothing_to_show(tmp_path):
    with pytest.raises(CommandError, match="docker compose up"):
        show(tmp_path)
