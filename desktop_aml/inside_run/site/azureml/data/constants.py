"""Names of datastores and of the ways in which a run gets its data."""

__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so

WORKSPACE_BLOB_DATASTORE = "workspaceblobstore"
WORKSPACE_FILE_DATASTORE = "workspacefilestore"

DIRECT_MODE = "direct"
DOWNLOAD_MODE = "download"
HDFS_MODE = "hdfs"
MOUNT_MODE = "mount"
UPLOAD_MODE = "upload"
