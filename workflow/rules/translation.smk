# Section 3.1.1, first half: the English data in every other language, the answer carried across.


def engine_input(wildcards):
    engine = CONFIG.translation.engines[wildcards.language]
    if engine.engine == "ready-made":
        return f"{CONFIG.data.folder}/{engine.file}"
    return checkpoint(engine.checkpoint)


def engine_identity(wildcards):
    engine = CONFIG.translation.engines[wildcards.language]
    return engine.engine if engine.engine == "ready-made" else identity(engine.checkpoint)


def recovery_settings():
    """What decides which answers are found: other pairs of markers only where they are used."""
    keys = {"mode", "markers"}
    if CONFIG.translation.mode == "cascade":
        keys.add("other_markers")
    return json.dumps(CONFIG.translation.model_dump(mode="json", include=keys), sort_keys=True)


rule translate:
    """Passages and questions into one language; answers that are not found again are discarded."""
    input:
        examples=f"<results>/examples/squad.{SOURCE}.parquet",
        engine=engine_input,
    output:
        examples="<results>/examples/squad.{language}.parquet",
        questions="<results>/translation/{language}.questions.parquet",
        found="<results>/translation/{language}.recovered.parquet",
        recovery="<results>/translation/{language}.recovery.json",
        manifest="<results>/manifests/translate.{language}.json",
    log:
        "<logs>/translate/{language}.log",
    benchmark:
        "<benchmarks>/translate/{language}.tsv"
    wildcard_constraints:
        language=one_of(TARGETS),
    threads: CONFIG.device.threads
    resources:
        mem_mb=growing(16_000),
        runtime=growing(720),
        gpu=GPUS,
    params:
        engine=lambda wildcards: settings(CONFIG.translation.engines[wildcards.language]),
        recovery=recovery_settings(),
        identity=engine_identity,
        code=code("translate.py"),
    message:
        "translate questions and passages into {wildcards.language}, recover the answers"
    shell:
        "python workflow/scripts/translate.py --examples {input.examples} --engine {input.engine}"
        " --settings {params.engine:q} --identity {params.identity:q} --recover {params.recovery:q}"
        " --language {wildcards.language} --device {CONFIG.device.kind}"
        " --store {CONFIG.translation.store:q} --target {output.examples}"
        " --questions {output.questions} --found {output.found} --recovery {output.recovery}"
        " --manifest {output.manifest} --code {params.code} > {log} 2>&1"
