"""Reading Prometheus' text format."""

import http.client


def scrape(port, path="/monitoring/prometheus/metrics"):
    """Ask a server for its metrics; return the value of each line that is none of comment."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path)
    answer = connection.getresponse()
    assert answer.status == 200
    text = answer.read().decode()
    connection.close()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}
