"""Names of packages: how conda's differ from PyPI's, which exist only in conda, which are well known.

Tables only; nothing here reads a file or asks a server.
"""

from __future__ import annotations

import difflib
import re
import sys


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


CONDA_TO_PYPI = {
    "py-xgboost": "xgboost",
    "py-xgboost-cpu": "xgboost",
    "py-xgboost-gpu": "xgboost",
    "_py-xgboost-mutex": "",
    "pytorch": "torch",
    "pytorch-cpu": "torch",
    "pytorch-gpu": "torch",
    "matplotlib-base": "matplotlib",
    "seaborn-base": "seaborn",
    "numpy-base": "numpy",
    "dask-core": "dask",
    "opencv": "opencv-python",
    "py-opencv": "opencv-python",
    "tensorflow-base": "tensorflow",
    "tensorflow-mkl": "tensorflow",
    "tensorflow-gpu": "tensorflow",
    "keras-gpu": "keras",
    "pytables": "tables",
    "msgpack-python": "msgpack",
    "python-graphviz": "graphviz",
    "python-lmdb": "lmdb",
    "ruamel_yaml": "ruamel.yaml",
    "importlib_metadata": "importlib-metadata",
    "jupyter_client": "jupyter-client",
    "jupyter_core": "jupyter-core",
    "typing_extensions": "typing-extensions",
    "prompt_toolkit": "prompt-toolkit",
    "faiss": "faiss-cpu",
    "psycopg2": "psycopg2-binary",
    "pyqt": "PyQt5",
    "pyarrow-core": "pyarrow",
    "sklearn": "scikit-learn",
    "mlflow-base": "mlflow",
}
"""Conda name to PyPI name, where they differ."""

CONDA_LIBRARIES = frozenset(
    _words(
        """mkl mkl_fft mkl_random mkl-service intel-openmp tbb blas openblas nomkl _libgcc_mutex _openmp_mutex
    ld_impl_linux-64 openssl ca-certificates sqlite tk xz zlib readline ncurses bzip2 zstd lz4-c snappy icu
    cudatoolkit cuda cuda-toolkit cudnn nccl pytorch-mutex pytorch-cuda tensorflow-estimator arrow-cpp boost-cpp
    glib gstreamer gst-plugins-base fontconfig freetype harfbuzz cairo pango expat pcre qt hdf5 eigen gmp mpfr mpc
    geos gdal-base proj vc vs2015_runtime ucrt python_abi tzdata-base glibc sysroot_linux-64 llvm-openmp jpeg giflib
    mpi mpich openmpi unixodbc krb5 cpuonly c-ares"""
    )
)
"""Libraries that PyPI's wheels carry inside, or that are no Python packages: nothing to install."""

CONDA_PROGRAMS = frozenset(
    _words(
        """git make cmake-base gcc gxx gcc_linux-64 gxx_linux-64 compilers c-compiler cxx-compiler ffmpeg graphviz
    nodejs openjdk wget curl unzip bash pandoc rust go"""
    )
)
"""Programs: the ones of the computer serve, if they are there."""

POPULAR = _words(
    """scikit-learn numpy scipy pandas matplotlib seaborn joblib xgboost lightgbm catboost imbalanced-learn statsmodels
    torch torchvision torchaudio tensorflow keras transformers datasets tokenizers accelerate sentence-transformers
    plotly bokeh altair dask distributed polars pyarrow fastparquet requests flask fastapi uvicorn gunicorn django
    jupyter jupyterlab notebook ipykernel ipython ipywidgets tqdm pillow opencv-python opencv-python-headless
    scikit-image nltk spacy gensim pytest hypothesis pyyaml ruamel-yaml mlflow optuna hyperopt shap lime eli5 umap-learn
    hdbscan category-encoders sktime prophet pmdarima tsfresh featuretools networkx sympy numba cython cloudpickle dill
    h5py tables sqlalchemy psycopg2-binary pymongo redis boto3 openpyxl xlrd beautifulsoup4 lxml scrapy setuptools
    wheel pip attrs pydantic click typer rich jinja2 python-dateutil pytz azureml-core azureml-defaults azureml-sdk
    azureml-train azureml-mlflow azure-storage-blob azure-identity skops skl2onnx onnx onnxruntime yellowbrick
    mlxtend dtreeviz graphviz pydot threadpoolctl patsy geopandas shapely pycaret autogluon tabulate packaging
    scapy pandera numpydoc
    sklearn-pandas scikit-learn-intelex scikit-optimize tensorboard torchmetrics lightning pytorch-lightning numexpr
    bottleneck pyspark ray gradio streamlit dash missingno ydata-profiling black ruff mypy isort flake8 httpx aiohttp
    urllib3 certifi six future cryptography paramiko protobuf grpcio regex fsspec s3fs gcsfs pyodbc pymysql"""
)
"""Well-known packages, to recognise a slip of the finger."""

_POPULAR_SET = frozenset(POPULAR)


def normalised(name: str) -> str:
    """Return `name` as PyPI compares names (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def near_miss(name: str) -> str | None:
    """Return the well-known package that `name` is probably a misspelling of, or None.

    Examples
    --------
    >>> near_miss("scikit-lern")
    'scikit-learn'
    """
    plain = normalised(name)
    if plain in _POPULAR_SET or len(plain) < 4:
        return None
    close = difflib.get_close_matches(plain, POPULAR, n=1, cutoff=0.87 if len(plain) > 7 else 0.8)
    return close[0] if close else None


def is_provided(name: str) -> bool:
    """Return whether Desktop AML itself stands in for the package: all that Azure ML publishes for its SDK v1."""
    plain = normalised(name)
    return plain == "azureml" or plain.startswith("azureml-")


# On the package index under a name of the standard library, and of use for an older Python.
_BACKPORTS = frozenset({"dataclasses", "contextvars", "configparser"})


def is_part_of_python(name: str) -> bool:
    """Return whether the name is that of a module of the standard library, so that there is nothing to install.

    What strangers publish under such a name is old at best.

    Examples
    --------
    >>> is_part_of_python("json"), is_part_of_python("dataclasses")
    (True, False)
    """
    plain = normalised(name).replace("-", "_")
    return plain in sys.stdlib_module_names and plain not in _BACKPORTS
