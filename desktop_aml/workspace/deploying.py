"""Deploying: a model with no code, or a scoring script with its models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.registry import Endpoint
from desktop_aml.domain.requests import DeployModel
from desktop_aml.serving import config
from desktop_aml.workspace import scoring_source
from desktop_aml.workspace.asking import Asking


class Deploying(Asking):
    """The part of a workspace that begins to serve."""

    def deploy(
        self,
        model_name: str = "",
        *,
        name: str,
        version: int = 0,
        port: int = 0,
        auth_enabled: bool = False,
        overwrite: bool = False,
        description: str = "",
        tags: Mapping[str, str] | None = None,
        properties: Mapping[str, str] | None = None,
        keys: Sequence[str] = (),
        entry_script: Path | str = "",
        source_directory: Path | str | None = None,
        environment: str = "",
        target: str = "local",
        network: bool = False,
        more_models: Sequence[str] = (),
        env_vars: Mapping[str, str] | None = None,
        scoring_timeout_ms: int = 0,
    ) -> Endpoint:
        """Begin to serve a model, with or without a scoring script; watch it by events or `wait_for_endpoint`.

        Parameters
        ----------
        model_name, version : str, int
            The model, 0 for its newest version; may be empty for a scoring script that needs none.
        keys : sequence of str
            Primary and secondary key. Empty keeps those of the endpoint that is replaced.
        entry_script : Path or str
            Scoring script with ``init()`` and ``run()``; empty serves the model with no code.
        source_directory : Path or str, optional
            Folder that is copied for the script, which lies in it; without one the script alone is copied.
        environment : str
            ``name`` or ``name:version`` of what the endpoint runs in; empty is the first model's own environment.
        target : str
            ``"local"`` for a process of this computer, or ``"docker"`` for a container that can write nothing but its
            scratch folder.
        network : bool
            Whether the model may use the network; without it there is none, where the system allows that.
        more_models : sequence of str
            ``name`` or ``name:version`` of further models that the script finds under ``AZUREML_MODEL_DIR``.
        env_vars : mapping of str
            Environment variables for the script.
        scoring_timeout_ms : int
            How long one answer may take; 0 is one minute.

        Raises
        ------
        NotFound
            When there is no such model, environment, script or folder.
        Conflict
            When the name is taken and `overwrite` is not given.
        """
        self.check_trust()
        with scoring_source.taken(self._folder, name, entry_script, source_directory) as source:
            request = DeployModel(
                name=name,
                model_name=model_name,
                model_version=version,
                port=port,
                auth_enabled=auth_enabled,
                overwrite=overwrite,
                description=description,
                tags=dict(tags or {}),
                properties=dict(properties or {}),
                keys=tuple(keys),
                more_models=tuple(more_models),
                entry_script=source.entry_script,
                source=source.mark,
                source_directory=source.directory,
                only_script=bool(entry_script) and not source_directory,
                environment=environment,
                target=target,
                network=network,
                env_vars=dict(env_vars or {}),
                scoring_timeout_ms=scoring_timeout_ms,
            )
            return self.endpoint(self._ask(request).name)

    def reload_endpoint(self, name: str) -> Endpoint:
        """Copy the scoring script again from where it came, and start the endpoint with it.

        Raises
        ------
        InvalidInput
            When the endpoint has no scoring script.
        """
        old = self.endpoint(name)
        if not old.entry_script:
            raise InvalidInput(
                f"The endpoint “{name}” has no scoring script to read again.", "Deploy another version of its model."
            )
        known = config.read_config(self._folder.endpoint(name))
        source = Path(old.source_directory)
        return self.deploy(
            old.model_name,
            name=name,
            version=old.model_version,
            port=old.port,
            auth_enabled=old.auth_enabled,
            overwrite=True,
            description=old.description,
            tags=old.tags,
            properties=old.properties,
            entry_script=source / old.entry_script if old.only_script else old.entry_script,
            source_directory=None if old.only_script else source,
            environment=old.environment,
            target=old.target,
            network=old.network,
            more_models=old.models[1:],
            env_vars=known.script.env_vars if known.script else None,
            scoring_timeout_ms=known.scoring_timeout_ms,
        )
