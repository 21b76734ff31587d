"""A project with a plugin of its own tries it by running pytest inside a test."""

pytest_plugins = ["pytester"]


def test_a_run_inside_another_leaves_the_others_simulator_alone(pytester, anna):
    pytester.makepyfile("def test_inner(bram):\n    bram.text('HELP').one()\n")
    pytester.runpytest_inprocess().assert_outcomes(passed=1)
    assert anna.text("HELP").kinds == ["help"]
