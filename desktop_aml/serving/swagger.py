"""The description of an endpoint for machines: Swagger 2 as the cloud serves it, or OpenAPI 3."""

from __future__ import annotations

from typing import Any, Final

from desktop_aml.serving.schema import ModelSchema

_SWAGGER_TYPES: Final[dict[str, dict[str, str]]] = {
    "number": {"type": "number", "format": "double"},
    "integer": {"type": "integer", "format": "int64"},
    "string": {"type": "string"},
    "boolean": {"type": "boolean"},
    "any": {},
}


def swagger(schema: ModelSchema, name: str, version: int = 2, uri: str = "") -> dict[str, Any]:
    """Return the description of the endpoint as Swagger 2 or OpenAPI 3.

    Parameters
    ----------
    name : str
        Title: the endpoint's name.
    uri : str
        Its scoring address.
    """
    return describe(_types(schema), name, version, uri)


def describe(types: dict[str, Any], name: str, version: int, uri: str) -> dict[str, Any]:
    """Return the description of an endpoint whose input and output are ``ServiceInput`` and ``ServiceOutput``."""
    return _swagger2(types, name, uri) if version == 2 else _openapi3(types, name, uri)


def _types(schema: ModelSchema) -> dict[str, Any]:
    cells = {column.type for column in schema.columns}
    cell = _SWAGGER_TYPES[cells.pop()] if len(cells) == 1 else {}
    row: dict[str, Any] = {"type": "array", "items": cell} if schema.columns else {}
    if schema.columns:
        row |= {"minItems": len(schema.columns), "maxItems": len(schema.columns)}
        if schema.named:
            row["description"] = "In this order: " + ", ".join(column.name for column in schema.columns)
    data: dict[str, Any] = {"type": "array", "items": row, "format": "numpy.ndarray"}
    method = {"type": "string", "enum": list(schema.model.methods), "default": schema.default_method}
    example = schema.example
    return {
        "ServiceInput": {
            "type": "object",
            "properties": {"data": data, "method": method},
            "required": ["data"],
            **({"example": example} if example is not None else {}),
        },
        "ServiceOutput": _output(schema),
        "ErrorResponse": error_type(),
    }


def error_type() -> dict[str, Any]:
    """Return the schema of what a refusal holds."""
    return {"type": "object", "properties": {"message": {"type": "string"}}}


def _output(schema: ModelSchema) -> dict[str, Any]:
    if schema.default_method == "predict":
        rows = [list(row) if len(row) > 1 else row[0] for row in schema.sample_output]
        found: dict[str, Any] = {"type": "array", "items": _SWAGGER_TYPES[schema.model.output_type]}
        return {**found, "example": rows} if rows else found
    if schema.default_method == "score_samples":
        return {"type": "array", "items": _SWAGGER_TYPES["number"]}
    return {"type": "array", "items": {"type": "array", "items": _SWAGGER_TYPES["number"]}}


def _swagger2(types: dict[str, Any], name: str, uri: str) -> dict[str, Any]:
    def answer(words: str, kind: str) -> dict[str, Any]:
        return {"description": words, "schema": {"$ref": f"#/definitions/{kind}"}}

    def text(words: str) -> dict[str, Any]:
        return {"description": words, "schema": {"type": "string"}}

    host = uri.split("/")[2] if uri else ""
    return {
        "swagger": "2.0",
        "info": {"title": name, "version": "1.0", "description": f"Scores with the model of the endpoint {name}."},
        **({"host": host} if host else {}),
        "schemes": ["http"],
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "securityDefinitions": {
            "Bearer": {"type": "apiKey", "name": "Authorization", "in": "header", "description": "Bearer KEY"}
        },
        "paths": {
            "/": {"get": {"operationId": "ServiceHealthCheck", "responses": {"200": text("Healthy")}}},
            "/score": {
                "post": {
                    "operationId": "RunMLService",
                    "security": [{"Bearer": []}],
                    "parameters": [
                        {
                            "name": "serviceInputPayload",
                            "in": "body",
                            "required": True,
                            "schema": {"$ref": "#/definitions/ServiceInput"},
                        }
                    ],
                    "responses": {
                        "200": answer("The predictions", "ServiceOutput"),
                        "default": answer("What went wrong", "ErrorResponse"),
                    },
                }
            },
            "/swagger.json": {"get": {"operationId": "GetSwaggerSpec", "responses": {"200": text("This page")}}},
        },
        "definitions": types,
    }


def _openapi3(types: dict[str, Any], name: str, uri: str) -> dict[str, Any]:
    def content(kind: str) -> dict[str, Any]:
        return {"application/json": {"schema": {"$ref": f"#/components/schemas/{kind}"}}}

    return {
        "openapi": "3.0.3",
        "info": {"title": name, "version": "1.0", "description": f"Scores with the model of the endpoint {name}."},
        **({"servers": [{"url": uri.rsplit("/", 1)[0]}]} if uri else {}),
        "paths": {
            "/": {"get": {"operationId": "ServiceHealthCheck", "responses": {"200": {"description": "Healthy"}}}},
            "/score": {
                "post": {
                    "operationId": "RunMLService",
                    "security": [{"Bearer": []}],
                    "requestBody": {"required": True, "content": content("ServiceInput")},
                    "responses": {
                        "200": {"description": "The predictions", "content": content("ServiceOutput")},
                        "default": {"description": "What went wrong", "content": content("ErrorResponse")},
                    },
                }
            },
            "/swagger.json": {
                "get": {"operationId": "GetSwaggerSpec", "responses": {"200": {"description": "This page"}}}
            },
        },
        "components": {
            "schemas": types,
            "securitySchemes": {"Bearer": {"type": "http", "scheme": "bearer"}},
        },
    }
