# Section 3.1.1, first half: the English data in every other language, the answer carried across.


def engine_input(wildcards):
    engine = CONFIG.translation.engines[wildcards.language]
    if engine.engine == "ready-made":
        return f"{CONFIG.data.folder}/{engine.file}"
    return checkpoint(engine.checkpoint)


def engine_identity(wildcards):
    engine = CONFIG.translation.engines[wildcards.language]
    return "" if engine.engine == "ready-made" else identity(engine.checkpoint)


rule translate:
    """Passages and questions into one language; answers that do not come back are discarded."""
    input:
        examples=f"<results>/examples/squad.{SOURCE}.parquet",
        engine=engine_input,
    output:
        examples="<results>/examples/squad.{language}.parquet",
        questions="<results>/translation/{language}.questions.parquet",
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
        gpu=GPUS,
    params:
        engine=lambda wildcards: settings(CONFIG.translation.engines[wildcards.language]),
        markers=json.dumps(CONFIG.translation.markers),
        identity=engine_identity,
        code=code("translate.py"),
    message:
        "translate questions and passages into {wildcards.language}, recover the answers"
    shell:
        "python workflow/scripts/translate.py --examples {input.examples} --engine {input.engine}"
        " --settings {params.engine:q} --identity {params.identity:q} --markers {params.markers:q}"
        " --language {wildcards.language} --device {CONFIG.device.kind}"
        " --store {CONFIG.translation.store:q} --target {output.examples} --questions {output.questions}"
        " --recovery {output.recovery} --manifest {output.manifest} --code {params.code}"
        " > {log} 2>&1"
