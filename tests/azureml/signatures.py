"""The Azure ML SDK v1's public names with their parameters, written down by hand from what is known of it.

A line is ``Owner.name(parameters)``; a name without brackets is an attribute, a property or a constant. ``...`` as a
default stands for one that is not known. An indented line belongs to the class above it.
"""

# ruff: noqa: E501  a signature is one line

TABLE = """
azureml.core.Workspace(subscription_id, resource_group, workspace_name, auth=None)
    from_config(path=None, auth=None, _logger=None, _file_name=None)
    write_config(path=None, file_name=None)
    get(name, auth=None, subscription_id=None, resource_group=None, location=None, cloud='AzureCloud', id=None)
    create(name, auth=None, subscription_id=None, resource_group=None, location=None, create_resource_group=True, sku='basic', tags=None, friendly_name=None)
    list(subscription_id, auth=None, resource_group=None)
    setup()
    name
    subscription_id
    resource_group
    location
    sku
    tags
    discovery_url
    service_context
    experiments
    environments
    models
    webservices
    compute_targets
    datastores
    datasets
    images
    get_default_datastore()
    set_default_datastore(name)
    get_default_keyvault()
    get_default_compute_target(type)
    get_details()
    get_run(run_id)
    get_mlflow_tracking_uri()
    update
    delete(delete_dependent_resources=False, no_wait=False)
    diagnose_workspace
    list_keys
azureml.core.Experiment(workspace, name)
    submit(config, tags=None, **kwargs)
    start_logging(*args, **kwargs)
    get_runs(type=None, tags=None, properties=None, include_children=False)
    tag(key, value=None)
    set_tags(tags)
    remove_tags(tags)
    archive()
    reactivate(new_name=None)
    refresh()
    list(workspace, experiment_name=None, view_type='ActiveOnly', tags=None)
    delete(workspace, experiment_id)
    get_portal_url()
    get_docs_url()
    name
    id
    workspace
    tags
    archived_time
azureml.core.ScriptRunConfig(source_directory, script=None, arguments=None, run_config=None, _telemetry_values=None, compute_target=None, environment=None, distributed_job_config=None, resume_from=None, max_run_duration_seconds=2592000, command=None, docker_runtime_config=None)
azureml.core.RunConfiguration(script=None, arguments=None, framework=None, communicator=None, conda_dependencies=None, _history_enabled=None, _path=None, _name=None, command=None)
    save(path=None, name=None, separate_environment_yaml=False)
    load(path, name=None)
    delete(path, name)
azureml.core.runconfig.DockerConfiguration(use_docker=False, shared_volumes=True, arguments=..., shm_size=...)
azureml.core.runconfig.MpiConfiguration
azureml.core.runconfig.TensorflowConfiguration
azureml.core.runconfig.PyTorchConfiguration
azureml.core.runconfig.DataReferenceConfiguration
azureml.core.runconfig.Data
azureml.core.runconfig.DataPath
azureml.core.runconfig.EnvironmentDefinition
azureml.core.runconfig.CondaDependencies
azureml.core.runconfig.DEFAULT_CPU_IMAGE
azureml.core.runconfig.DEFAULT_GPU_IMAGE
azureml.core.Environment(name)
    from_conda_specification(name, file_path)
    from_pip_requirements(name, file_path, pip_version=None)
    from_existing_conda_environment(name, conda_environment_name)
    from_docker_image(name, image, container_registry=None, conda_specification=None, pip_requirements=None)
    from_dockerfile(name, dockerfile, conda_specification=None, pip_requirements=None)
    from_docker_build_context
    register(workspace)
    get(workspace, name, version=None, label=None)
    list(workspace)
    label(workspace, name, version, labels)
    clone(new_name)
    build(workspace, image_build_compute=None)
    build_local(workspace, platform=None)
    get_image_details(workspace)
    save_to_directory(path, overwrite=False)
    load_from_directory(path)
    add_private_pip_wheel(workspace, file_path, exist_ok=False)
azureml.core.environment.CondaDependencies(conda_dependencies_file_path=None)
    create(pip_indexurl=None, pip_packages=None, conda_packages=None, python_version=..., pin_sdk_version=True)
    add_conda_package(conda_package)
    remove_conda_package(conda_package)
    add_pip_package(pip_package)
    remove_pip_package(pip_package)
    add_channel(channel)
    remove_channel(channel)
    set_python_version(version)
    get_python_version
    set_pip_option
    set_pip_index_url
    set_pip_requirements
    save
    save_to_file(base_directory, conda_file_path=None)
    serialize_to_string()
    as_dict()
    merge_requirements
    conda_packages
    pip_packages
    conda_channels
    pip_options
azureml.core.environment.DEFAULT_CPU_IMAGE
azureml.core.Run(experiment, run_id)
    get_context(allow_offline=True, used_for_context_manager=False, **kwargs)
    get_submitted_run
    get(workspace, run_id)
    list(experiment, type=None, tags=None, properties=None, status=None, include_children=False)
    id
    name
    display_name
    description
    number
    type
    status
    experiment
    parent
    tags
    properties
    log(name, value, description='', step=None)
    log_list(name, value, description='')
    log_row(name, description=None, **kwargs)
    log_table(name, value, description='')
    log_image(name, path=None, plot=None, description='')
    log_confusion_matrix(name, value, description='')
    log_accuracy_table(name, value, description='')
    log_residuals(name, value, description='')
    log_predictions(name, value, description='')
    get_metrics(name=None, recursive=False, run_type=None, populate=False)
    flush(timeout_seconds=300)
    tag(key, value=None)
    set_tags(tags)
    get_tags()
    remove_tags(tags)
    add_properties(properties)
    get_properties()
    child_run(name=None, run_id=None, outputs=None)
    create_children(count=None, tag_key=None, tag_values=None)
    submit_child(config, tags=None, **kwargs)
    get_children(recursive=False, tags=None, properties=None, type=None, status=None)
    upload_file(name, path_or_stream, datastore_name=None)
    upload_folder(name, path)
    upload_files(names, paths, return_artifacts=False, timeout_seconds=None)
    get_file_names()
    download_file(name, output_file_path=None)
    download_files(prefix=None, output_directory=None, output_paths=None, batch_size=100, append_prefix=True, timeout_seconds=None)
    take_snapshot(file_or_folder_path)
    get_snapshot_id()
    restore_snapshot(snapshot_id=None, path=None)
    get_status()
    get_detailed_status()
    cancel()
    complete
    fail(error_details=None, error_code=None)
    wait_for_completion(show_output=False, wait_post_processing=False, raise_on_error=True)
    get_details()
    get_details_with_logs()
    get_all_logs(destination=None)
    get_environment()
    get_portal_url()
    get_secret(name)
    get_secrets(secrets)
    clean()
    register_model(model_name, model_path=None, tags=None, properties=None, model_framework=None, model_framework_version=None, description=None, datasets=None, sample_input_dataset=None, sample_output_dataset=None, resource_configuration=None, **kwargs)
azureml.core.run.get_run(experiment, run_id, rehydrate=True)
azureml.core.run._OfflineRun
azureml.core.ScriptRun
azureml.core.Model(workspace, name=None, id=None, tags=None, properties=None, version=None, run_id=None, model_framework=None, expand=True)
    register(workspace, model_path, model_name, tags=None, properties=None, description=None, datasets=None, model_framework=None, model_framework_version=None, child_paths=None, sample_input_dataset=None, sample_output_dataset=None, resource_configuration=None)
    list(workspace, name=None, tags=None, properties=None, run_id=None, latest=False, dataset_id=None, expand=True, page_count=255, model_framework=None)
    download(target_dir='.', exist_ok=False)
    update(tags=None, description=None, sample_input_dataset=None, sample_output_dataset=None, resource_configuration=None)
    add_tags(tags)
    remove_tags(tags)
    add_properties(properties)
    update_tags_properties
    add_dataset_references(datasets)
    delete()
    serialize()
    get_sas_urls()
    get_model_path(model_name, version=None, _workspace=None)
    deploy(workspace, name, models, inference_config=None, deployment_config=None, deployment_target=None, overwrite=False, show_output=False)
    package(workspace, models, inference_config=None, generate_dockerfile=False, image_name=None, image_label=None)
    profile(workspace, profile_name, models, inference_config, input_dataset, cpu=None, memory_in_gb=None, description=None)
    Framework
azureml.core.model.Model.Framework.SCIKITLEARN
azureml.core.model.InferenceConfig(entry_script, runtime=None, conda_file=None, extra_docker_file_steps=None, source_directory=None, enable_gpu=None, description=None, base_image=None, base_image_registry=None, cuda_version=None, environment=None)
azureml.core.resource_configuration.ResourceConfiguration(cpu=None, memory_in_gb=None, gpu=None)
azureml.core.webservice.LocalWebservice
    deploy_configuration(port=None)
    run(input_data)
    get_logs(num_lines=5000, raw=False)
    reload(wait=False)
    update(models=None, image_config=None, deployment_config=None, wait=False, inference_config=None)
    delete(delete_cache=True, delete_image=False, delete_volume=True)
    wait_for_deployment(show_output=False)
    port
    scoring_uri
    swagger_uri
    update_deployment_state(must_exist=False)
    deploy_to_cloud
azureml.core.webservice.AciWebservice
    deploy_configuration(cpu_cores=None, memory_gb=None, tags=None, properties=None, description=None, location=None, auth_enabled=None, ssl_enabled=None, enable_app_insights=None, ssl_cert_pem_file=None, ssl_key_pem_file=None, ssl_cname=None, dns_name_label=None, primary_key=None, secondary_key=None, collect_model_data=None)
    update
azureml.core.webservice.AksWebservice
    deploy_configuration
azureml.core.Webservice(workspace, name)
    list(workspace, compute_type=None, image_name=None)
    run(input_data)
    get_keys()
    regen_key(key, set_key=None)
    get_token()
    get_logs(num_lines=5000, init=False)
    delete()
    serialize()
    wait_for_deployment(show_output=False, timeout_sec=None)
    scoring_uri
    swagger_uri
azureml.core.Dataset
    Tabular
    File
    get_by_name(workspace, name, version='latest')
    get_by_id(workspace, id)
    get_all(workspace)
azureml.data.dataset_factory.TabularDatasetFactory
    from_delimited_files(path, validate=True, include_path=False, infer_column_types=True, set_column_types=None, separator=',', header=True, partition_format=None, support_multi_line=False, empty_as_string=False, encoding='utf8')
    from_parquet_files(path)
    from_json_lines_files(path)
    from_sql_query
    register_pandas_dataframe(dataframe, target, name)
azureml.data.dataset_factory.FileDatasetFactory
    from_files(path, validate=True, partition_format=None, is_file=False)
    upload_directory(src_dir, target, pattern=None, overwrite=False, show_progress=True)
azureml.data.TabularDataset
    register(workspace, name, description=None, tags=None, create_new_version=False)
    to_pandas_dataframe(on_error='null', out_of_range_datetime='null')
    take(count)
    skip(count)
    take_sample(probability, seed=None)
    random_split(percentage, seed=None)
    keep_columns(columns)
    drop_columns(columns)
    filter(expression)
    as_named_input(name)
    name
    id
    version
    tags
    description
    to_dask_dataframe
    to_spark_dataframe
azureml.data.FileDataset
    to_path()
    download(target_path=None, overwrite=False)
    mount
    as_mount
    as_download
    as_hdfs
azureml.data.OutputFileDatasetConfig
azureml.data.DataType
azureml.data.data_reference.DataReference
    as_mount
    as_download
azureml.data.datapath.DataPath
azureml.data.datapath.DataPathComputeBinding(mode='mount', path_on_compute=None, overwrite=False)
azureml.data.HDFSOutputDatasetConfig
azureml.data.dataset_consumption_config.DatasetConsumptionConfig(name, dataset, mode='direct', path_on_compute=None)
    as_mount
    as_download
azureml.core.Datastore(workspace)
    get(workspace, datastore_name)
    upload_files(files, relative_root=None, target_path=None, overwrite=False, show_progress=True)
    upload(src_dir, target_path=None, overwrite=False, show_progress=True)
    download(target_path, prefix=None, overwrite=False, show_progress=True)
    path(path=None)
    container_name
    account_name
    datastore_type
azureml.core.ComputeTarget(workspace, name)
    create(workspace, name, provisioning_configuration)
    attach
    wait_for_completion(show_output=False)
azureml.core.compute.AmlCompute
    provisioning_configuration(vm_size='', vm_priority=..., min_nodes=0, max_nodes=None, idle_seconds_before_scaledown=...)
    wait_for_completion(show_output=False, min_node_count=None, timeout_in_minutes=25)
    get_status()
    update(min_nodes=None, max_nodes=None, idle_seconds_before_scaledown=None)
    delete()
    supported_vmsizes(workspace)
azureml.core.compute.AksCompute
azureml.core.compute.ComputeInstance
azureml.core.compute_target.ComputeTargetException
azureml.core.Image
azureml.core.Keyvault
    get_secret(name)
    set_secret(name, value)
    list_secrets()
azureml.core.VERSION
azureml.core.authentication.InteractiveLoginAuthentication(force=False, tenant_id=None, cloud=None)
azureml.core.authentication.ServicePrincipalAuthentication(tenant_id, service_principal_id, service_principal_password)
azureml.core.authentication.AzureCliAuthentication
azureml.core.authentication.MsiAuthentication
azureml.mlflow.get_portal_url(run)
azureml.mlflow.register_model(run, name, path, tags=None, **kwargs)
azureml.telemetry.set_diagnostics_collection(send_diagnostics=True, verbosity=20, reason='', path=None)
azureml.widgets.RunDetails(run_instance)
    show(render_lib=None, widget_settings=None)
azureml.train.estimator.Estimator
azureml.train.sklearn.SKLearn
azureml.train.hyperdrive.HyperDriveConfig(hyperparameter_sampling, primary_metric_name, primary_metric_goal, max_total_runs, max_concurrent_runs=None, max_duration_minutes=10080, policy=None, estimator=None, run_config=None, resume_from=None, resume_child_runs=None, pipeline=None, debug_flag=None, custom_run_id=None)
azureml.train.hyperdrive.HyperDriveRunConfig
azureml.train.hyperdrive.PrimaryMetricGoal
    from_str(goal)
azureml.train.hyperdrive.HyperDriveRun(experiment, run_id, hyperdrive_config=None)
    get_best_run_by_primary_metric(include_failed=True, include_canceled=True, include_resume_from_runs=True)
    get_children_sorted_by_primary_metric(top=0, reverse=False, discard_no_metric=False)
    get_hyperparameters()
    get_metrics
    get_diagnostics()
    fail
    hyperdrive_config
azureml.train.hyperdrive.RandomParameterSampling(parameter_space, properties=None)
azureml.train.hyperdrive.GridParameterSampling(parameter_space)
azureml.train.hyperdrive.BayesianParameterSampling(parameter_space)
azureml.train.hyperdrive.BanditPolicy(evaluation_interval=1, slack_factor=None, slack_amount=None, delay_evaluation=0)
azureml.train.hyperdrive.MedianStoppingPolicy(evaluation_interval=1, delay_evaluation=0)
azureml.train.hyperdrive.TruncationSelectionPolicy(truncation_percentage, evaluation_interval=1, delay_evaluation=0)
azureml.train.hyperdrive.NoTerminationPolicy()
azureml.train.hyperdrive.choice
azureml.train.hyperdrive.randint(upper)
azureml.train.hyperdrive.uniform(min_value, max_value)
azureml.train.hyperdrive.quniform(min_value, max_value, q)
azureml.train.hyperdrive.loguniform(min_value, max_value)
azureml.train.hyperdrive.qloguniform(min_value, max_value, q)
azureml.train.hyperdrive.normal(mu, sigma)
azureml.train.hyperdrive.qnormal(mu, sigma, q)
azureml.train.hyperdrive.lognormal(mu, sigma)
azureml.train.hyperdrive.qlognormal(mu, sigma, q)
azureml.opendatasets.Diabetes
azureml.opendatasets.MNIST
azureml.exceptions.AzureMLException
azureml.exceptions.UserErrorException
azureml.exceptions.AuthenticationException
azureml.exceptions.ActivityFailedException
azureml.exceptions.ActivityCanceledException
azureml.exceptions.ComputeTargetException
azureml.exceptions.ExperimentExecutionException
azureml.exceptions.ModelNotFoundException
azureml.exceptions.ModelPathNotFoundException
azureml.exceptions.ProjectSystemException
azureml.exceptions.RunConfigurationException
azureml.exceptions.RunEnvironmentException
azureml.exceptions.ServiceException
azureml.exceptions.SnapshotException
azureml.exceptions.TrainingException
azureml.exceptions.WebserviceException
azureml.exceptions.WorkspaceException
azureml.exceptions.DatasetTimestampMissingError
azureml.exceptions.ParallelRunException
"""
