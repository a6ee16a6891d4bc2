import importlib.util


def test_no_bytes_bring_the_server_down(target, models, request):
    path = request.config.rootpath / "benchmarks" / "serving" / "fuzz.py"
    spec = importlib.util.spec_from_file_location("fuzz", path)
    fuzzer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fuzzer)
    codes = fuzzer.fuzz(target, models, 2000, seed=1)
    assert sum(codes.values()) == 2000
    assert not fuzzer.OURS & set(codes)
