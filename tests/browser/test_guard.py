"""The browser tests' own alarm: it must ring."""

from tests.browser.conftest import Look


def test_an_error_on_a_page_is_noticed(live, page, faults):
    page.goto(live / "admin/login/")
    page.evaluate("console.error('broken')")
    page.evaluate("setTimeout(() => { throw new Error('thrown') })")
    page.wait_for_timeout(100)
    assert {"console: broken", "script: thrown"} <= {fault.split(" (")[0] for fault in faults}
    faults.clear()


def test_an_inline_script_is_refused_and_noticed(live, page, faults):
    page.goto(live / "admin/login/")
    page.evaluate("document.body.setAttribute('onclick', 'document.title = 1'); document.body.click()")
    page.wait_for_timeout(100)
    assert "Content Security Policy" in " ".join(faults)
    assert page.title() != "1"
    faults.clear()


def test_a_request_to_another_host_is_noticed_and_goes_nowhere(live, open_page, faults):
    page = open_page(bypass_csp=True)
    page.goto(live / "admin/login/")
    assert page.evaluate("fetch('http://elsewhere.invalid/').catch(() => 'refused')") == "refused"
    assert "another host: http://elsewhere.invalid/" in faults
    faults.clear()


def test_a_phone_in_the_dark_is_a_phone_in_the_dark(live, open_page):
    page = open_page(Look("phone", "dark"))
    page.goto(live / "admin/login/")
    assert page.evaluate("[innerWidth, matchMedia('(prefers-color-scheme: dark)').matches]") == [360, True]


def test_what_staff_change_stays_in_their_own_copy(staff_page, own_live, live):
    assert staff_page.locator("#logout-form").count() == 1
    count = "from django.contrib.auth.models import User; print('accounts:', User.objects.count())"
    before = live.manage("shell", "-c", count)
    assert own_live.manage("shell", "-c", count) == before
    own_live.manage("shell", "-c", "from django.contrib.auth.models import User; User(username='lan').save()")
    assert own_live.manage("shell", "-c", count) != before
    assert live.manage("shell", "-c", count) == before
