# Section 3.1.1, second half: language branches, mixMRC, and their windows.

MONOLINGUAL = [f"<results>/examples/squad.{language}.parquet" for language in CONFIG.languages]
QUESTIONS = [f"<results>/translation/{language}.questions.parquet" for language in TARGETS]


rule build_branch:
    """D_k: the passages of one language, each with its question in all or some languages."""
    input:
        passages="<results>/examples/squad.{language}.parquet",
        source=f"<results>/examples/squad.{SOURCE}.parquet",
        questions=QUESTIONS,
    output:
        examples="<results>/examples/branch.{language}.parquet",
        manifest="<results>/manifests/branch.{language}.json",
    log:
        "<logs>/branch/{language}.log",
    benchmark:
        "<benchmarks>/branch/{language}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(8_000),
        runtime=scaled_by_attempt(60),
    params:
        languages=json.dumps(CONFIG.languages),
        thinning=thinning(),
        code=code_of("build_branch.py"),
    message:
        "language branch D_{wildcards.language}: its passages, each question in several languages"
    shell:
        "stage build_branch.py --passages {input.passages:q} --source {input.source:q}"
        " --questions {input.questions:q} --languages {params.languages:q}"
        " --thinning {params.thinning:q} --target {output.examples:q}"
        " --manifest {output.manifest:q} --code {params.code} > {log:q} 2>&1"


rule mix_questions:
    """mixMRC (Yuan et al. 2020): questions and passages of different languages, mixed."""
    input:
        monolingual=MONOLINGUAL,
        questions=QUESTIONS,
    output:
        examples="<results>/examples/mixed.parquet",
        manifest="<results>/manifests/mixed.json",
    log:
        "<logs>/mixed.log",
    benchmark:
        "<benchmarks>/mixed.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(8_000),
        runtime=scaled_by_attempt(60),
    params:
        languages=json.dumps(CONFIG.languages),
        mixed=as_json(CONFIG.mixed),
        thinning=thinning() if CONFIG.mixed.variant == "full" else "null",
        code=code_of("mix_questions.py"),
    message:
        "mixMRC: questions and passages of different languages, mixed"
    shell:
        "stage mix_questions.py --monolingual {input.monolingual:q}"
        " --questions {input.questions:q} --languages {params.languages:q}"
        " --settings {params.mixed:q} --thinning {params.thinning:q} --target {output.examples:q}"
        " --manifest {output.manifest:q} --code {params.code} > {log:q} 2>&1"


rule build_windows:
    """Sliding windows of a training dataset, tokenized once for every system."""
    input:
        examples="<results>/examples/{dataset}.parquet",
        tokenizer=checkpoint_input(CONFIG.backbone),
    output:
        windows="<results>/windows/{dataset}.arrow",
        manifest="<results>/manifests/windows.{dataset}.json",
    log:
        "<logs>/windows/{dataset}.log",
    benchmark:
        "<benchmarks>/windows/{dataset}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(16_000),
        runtime=scaled_by_attempt(240),
        tokenizer=BACKBONE,  # its path; its identity is in `params`
    params:
        settings=as_json(CONFIG.windows),
        tokenizer=checkpoint_identity(CONFIG.backbone),
        code=code_of("build_windows.py"),
    message:
        "windows of {wildcards.dataset}"
    shell:
        "stage build_windows.py --examples {input.examples:q}"
        " --tokenizer {resources.tokenizer:q} --settings {params.settings:q} --dataset {wildcards.dataset}"
        " --target {output.windows:q} --manifest {output.manifest:q} --code {params.code}"
        " > {log:q} 2>&1"
