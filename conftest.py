"""How notebooks are compared with their stored outputs, wherever pytest is started."""


def pytest_configure(config):
    config.option.nbval_sanitize_with = config.rootpath / "tests" / "nbval.cfg"
