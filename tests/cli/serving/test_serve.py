import socket

from drumsmith.cli.main import main

from ...helpers.tiny_export import export_tiny


def test_no_models_is_one_line(tmp_path, capsys):
    assert main(["serve", str(tmp_path / "none"), "--port", "0"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "drumsmith export RUN" in error


def test_a_busy_port_is_one_line(tmp_path, capsys):
    export_tiny(tmp_path)
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        assert main(["serve", str(tmp_path), "--port", str(port)]) == 2
    assert f"port {port} on 127.0.0.1 is taken" in capsys.readouterr().err
