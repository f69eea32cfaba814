"""One server for each module: it serves the module's ZONES and has its CONFIG, a TOML text, and its ARGS."""
import pytest

from talk import Server


@pytest.fixture(scope="module")
def server(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("node")
    config = folder / "node.toml"
    config.write_text(getattr(request.module, "CONFIG", ""))
    args = ["--config", str(config), *getattr(request.module, "ARGS", ())]
    server = Server(folder, request.module.ZONES, args)
    try:
        yield server.start()
    finally:
        code = server.stop()
        assert code == 0, server.log()
