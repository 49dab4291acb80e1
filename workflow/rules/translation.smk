# Section 3.1.1, first half: the English data and its answers, translated to every other language.


rule translate_squad:
    """Translate passages and questions to one language; answers not found again are discarded."""
    input:
        examples=f"<results>/examples/squad.{SOURCE}.parquet",
        engine=engine_input,
        shards=translation_shards,
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
    conda:
        "../../environment.yml"
    threads: CONFIG.device.threads
    resources:
        mem_mb=scaled_by_attempt(16_000),
        runtime=scaled_by_attempt(720),
        gpu=lambda wildcards: GPUS if uses_a_model(wildcards) else 0,
        # Not params, since changing them reruns nothing: the paths of models (their identity is in
        # `params.engine`) and of earlier translations, the device, when too little is recovered.
        engine=engine_places,
        store=CONFIG.translation.store,
        device=CONFIG.device.kind,
        min_recovered=str(CONFIG.translation.min_recovered),
    params:
        engine=engine_settings,
        recovery=recovery_settings(),
        code=code_of("translate_squad.py"),
    message:
        "translate questions and passages into {wildcards.language}, recover the answers"
    shell:
        "stage translate_squad.py --examples {input.examples:q} --legs {params.engine:q}"
        " --places {resources.engine:q} --recover {params.recovery:q}"
        " --min-recovered {resources.min_recovered:q}"
        " --language {wildcards.language} --device {resources.device}"
        " --store {resources.store:q} --target {output.examples:q}"
        " --questions {output.questions:q} --found {output.found:q} --recovery {output.recovery:q}"
        " --manifest {output.manifest:q} --code {params.code} > {log:q} 2>&1"


rule translate_squad_shard:
    """One of several jobs: translate a part of the passages and questions into the store."""
    input:
        examples=f"<results>/examples/squad.{SOURCE}.parquet",
        engine=engine_input,
    output:
        manifest=temp("<results>/manifests/translate.{language}.{scatteritem}.json"),
    log:
        "<logs>/translate/{language}.{scatteritem}.log",
    benchmark:
        "<benchmarks>/translate/{language}.{scatteritem}.tsv"
    wildcard_constraints:
        language=one_of(TARGETS),
    conda:
        "../../environment.yml"
    threads: CONFIG.device.threads
    resources:
        mem_mb=scaled_by_attempt(16_000),
        runtime=scaled_by_attempt(720),
        gpu=lambda wildcards: GPUS if uses_a_model(wildcards) else 0,
        engine=engine_places,
        store=CONFIG.translation.store,
        device=CONFIG.device.kind,
    params:
        engine=engine_settings,
        recovery=recovery_settings(),
        code=code_of("translate_squad.py"),
    message:
        "translate into {wildcards.language}, {wildcards.scatteritem}"
    shell:
        "stage translate_squad.py --examples {input.examples:q} --legs {params.engine:q}"
        " --places {resources.engine:q} --recover {params.recovery:q}"
        " --language {wildcards.language} --device {resources.device}"
        " --store {resources.store:q} --shard {wildcards.scatteritem}"
        " --manifest {output.manifest:q} --code {params.code} > {log:q} 2>&1"
