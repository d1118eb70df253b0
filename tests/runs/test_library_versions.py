"""The versions of the libraries, under whichever name they were installed."""

from importlib.metadata import PackageNotFoundError, version

from chatbot.runs import library_versions


def test_a_library_that_was_installed_under_another_name_has_its_version(monkeypatch):
    """As TensorFlow is from the distribution tensorflow-cpu."""

    def installed(name):
        if name == "tensorflow":
            raise PackageNotFoundError(name)
        return "2.20.0+cpu" if name == "tensorflow_cpu" else version(name)

    monkeypatch.setattr(library_versions, "version", installed)
    monkeypatch.setattr(library_versions, "packages_distributions", lambda: {"tensorflow": ["tensorflow_cpu"]})
    assert library_versions.versions()["tensorflow"] == "2.20.0+cpu"
