# Section 3.1.1, second half: language branches, mixMRC, and their windows.

MONOLINGUAL = [f"<results>/examples/squad.{language}.parquet" for language in CONFIG.languages]
QUESTIONS = [f"<results>/translation/{language}.questions.parquet" for language in TARGETS]


rule branch:
    """D_k: the passages of one language, each with its question in all languages."""
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
    threads: 1
    resources:
        mem_mb=growing(8_000),
        runtime=growing(60),
    params:
        languages=json.dumps(CONFIG.languages),
        code=code("branch.py"),
    message:
        "language branch D_{wildcards.language}: its passages, each question in all languages"
    shell:
        "python workflow/scripts/branch.py --passages {input.passages} --source {input.source}"
        " --questions {input.questions} --languages {params.languages:q}"
        " --target {output.examples} --manifest {output.manifest} --code {params.code}"
        " > {log} 2>&1"


rule mixed:
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
    threads: 1
    resources:
        mem_mb=growing(8_000),
        runtime=growing(60),
    params:
        languages=json.dumps(CONFIG.languages),
        mixed=settings(CONFIG.mixed),
        code=code("mixed.py"),
    message:
        "mixMRC: questions and passages of different languages, mixed"
    shell:
        "python workflow/scripts/mixed.py --monolingual {input.monolingual}"
        " --questions {input.questions} --languages {params.languages:q}"
        " --settings {params.mixed:q} --target {output.examples} --manifest {output.manifest}"
        " --code {params.code} > {log} 2>&1"


rule windows:
    """Sliding windows of a training dataset, tokenized once for every system."""
    input:
        examples="<results>/examples/{dataset}.parquet",
        tokenizer=checkpoint(CONFIG.backbone),
    output:
        windows="<results>/windows/{dataset}.arrow",
        manifest="<results>/manifests/windows.{dataset}.json",
    log:
        "<logs>/windows/{dataset}.log",
    benchmark:
        "<benchmarks>/windows/{dataset}.tsv"
    threads: 1
    resources:
        mem_mb=growing(16_000),
        runtime=growing(240),
    params:
        settings=settings(CONFIG.windows),
        tokenizer=identity(CONFIG.backbone),
        code=code("windows.py"),
    message:
        "windows of {wildcards.dataset}"
    shell:
        "python workflow/scripts/windows.py --examples {input.examples}"
        " --tokenizer {input.tokenizer} --settings {params.settings:q} --dataset {wildcards.dataset}"
        " --target {output.windows} --manifest {output.manifest} --code {params.code}"
        " > {log} 2>&1"
