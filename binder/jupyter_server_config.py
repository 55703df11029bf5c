"""Copied by postBuild to where Binder's Jupyter server reads it."""

FIRST_PAGE = "/lab/tree/notebooks/01_convolution_integral.ipynb"

c = get_config()  # noqa: F821  (Jupyter defines it)
c.ServerApp.default_url = FIRST_PAGE
c.LabApp.default_url = FIRST_PAGE  # which takes the server's place where JupyterLab starts it
