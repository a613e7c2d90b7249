"""`cession`: the command line. Each command reads its options and calls another module.

Modules are imported where they are used, so that `cession invoice` loads no chain library and
`cession version` loads none at all.
"""

from __future__ import annotations

import datetime
import enum
import gc
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

# Typer brings its own copy of click, and does not export the base class of its errors.
from typer._click.exceptions import NoArgsIsHelpError, UsageError

from app import __version__
from app.commands.credit import credit

application = typer.Typer(
    name="cession",
    help="A financing ledger: confirmed receivables as divisible claims on an EVM chain.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
errors = Console(stderr=True)
valuation = typer.Typer(
    help="The value of goods: tests of the rules on past sales and prices.",
    no_args_is_help=True,
)
application.add_typer(valuation, name="valuation")
chain = typer.Typer(help="Which chain the gateway is on.", no_args_is_help=True)
stock = typer.Typer(help="Movements of stored goods.", no_args_is_help=True)
application.add_typer(stock, name="stock")
keys = typer.Typer(
    help="Officials' API keys, and changes of the store's secrets.", no_args_is_help=True
)
application.add_typer(keys, name="keys")
keystores = typer.Typer(help="Encrypted JSON keys of accounts.", no_args_is_help=True)
application.add_typer(keystores, name="keystore")
application.add_typer(chain, name="chain")
application.add_typer(credit, name="credit")


class Engine(enum.StrEnum):
    """A chain for one machine, started as a child process."""

    anvil = "anvil"
    ganache = "ganache"


EngineOption = Annotated[Engine, typer.Option(help="Chain to start as a child process.")]
RpcOption = Annotated[
    str | None, typer.Option("--rpc", help="Use this EVM network (URL) instead of starting one.")
]

DataFolderOption = Annotated[
    Path | None,
    typer.Option(help="The store of `cession serve --data-folder`; default: CESSION_DATABASE_URL."),
]


@application.command()
def demo(
    engine: EngineOption = Engine.anvil,
    rpc: RpcOption = None,
    serve_after: Annotated[
        bool,
        typer.Option("--serve", help="Stay up afterwards, with pages and a login for every role."),
    ] = False,
    story: Annotated[
        list[str] | None,
        typer.Option(
            help="main (the default), a product of the catalogue, or another; `list` names them."
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All stories, one after another.")] = False,
) -> None:
    """Runs stories on a real chain and checks every balance at the end to the cent."""
    from app.demo.run import tell
    from app.demo.stories import story_names

    names, stories = story_names(), story or ["main"]
    if "list" in stories:
        typer.echo("\n".join(names))
        return
    if unknown := [name for name in stories if name not in names]:
        raise typer.BadParameter(
            f"there is no story {unknown[0]!r}; use one of {', '.join(names)}", param_hint="--story"
        )
    if every:
        stories = names
    raise typer.Exit(
        tell(engine=engine.value, rpc_url=rpc, serve_after=serve_after, stories=stories)
    )


@application.command()
def serve(
    engine: EngineOption = Engine.anvil,
    rpc: RpcOption = None,
    port: Annotated[
        int, typer.Option(help="Port on 127.0.0.1; 0: any free port.", min=0, max=65_535)
    ] = 0,
    data_folder: Annotated[
        Path | None, typer.Option(help="Keeps chain and database here; default: both are dropped.")
    ] = None,
    write: Annotated[
        Path | None, typer.Option(help="Writes address, contracts and API keys here when ready.")
    ] = None,
    empty: Annotated[
        bool, typer.Option("--empty", help="A ledger with parties only: no story is told.")
    ] = False,
) -> None:
    """Runs the gateway on an embedded chain with all stories told, until interrupted."""
    from app.demo.serve import serve_until_stopped

    raise typer.Exit(
        serve_until_stopped(
            engine=engine.value,
            rpc_url=rpc,
            port=port,
            data_folder=data_folder,
            write=write,
            empty=empty,
        )
    )


@application.command()
def doctor() -> None:
    """Checks what is installed and configured, and says what to do; changes nothing."""
    from app.commands.doctor import examine

    raise typer.Exit(examine())


@application.command()
def gateway(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65_535)] = 8080,
) -> None:
    """Runs the gateway on a network with deployed contracts, as the CESSION_… variables say."""
    from app.commands.gateway import run_gateway

    raise typer.Exit(run_gateway(host=host, port=port))


RoleArgument = Annotated[str, typer.Argument(help="registrar, cash-issuer, regulator, auditor, …")]
LabelOption = Annotated[str, typer.Option(help="Name of its holder in logs.")]
RoleKeystoreOption = Annotated[
    Path | None, typer.Option(help="Encrypted JSON key that holds the role on the ledger.")
]
PasswordFileOption = Annotated[Path | None, typer.Option(help="Opens the keystore.")]
UntilOption = Annotated[
    datetime.datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Last day (UTC) on which the key is valid."),
]
AccountOption = Annotated[
    str | None,
    typer.Option(help="Instead of a keystore: the address, if it signs with its own wallet."),
]
KeyArgument = Annotated[str, typer.Argument(help="Label or id, as `keys list` shows them.")]


@application.command()
def key(
    role: RoleArgument,
    label: LabelOption,
    keystore: RoleKeystoreOption = None,
    password_file: PasswordFileOption = None,
    until: UntilOption = None,
    account: AccountOption = None,
) -> None:
    """Makes an API key for an official role and prints it only once (same as `keys add`)."""
    keys_add(role, label, keystore, password_file, until, account)


@keys.command("add")
def keys_add(
    role: RoleArgument,
    label: LabelOption,
    keystore: RoleKeystoreOption = None,
    password_file: PasswordFileOption = None,
    until: UntilOption = None,
    account: AccountOption = None,
) -> None:
    """Makes an API key for an official role and prints it only once."""
    from app.commands.keys import add

    raise typer.Exit(
        add(
            role=role,
            label=label,
            keystore=keystore,
            password_file=password_file,
            until=until,
            account=account,
        )
    )


@keys.command("check")
def keys_check() -> None:
    """Reads an API key from standard input; says whose it is and whether it is valid."""
    from app.commands.keys import check

    raise typer.Exit(check(key=sys.stdin.read()))


@keystores.command("new")
def keystore_new(
    file: Annotated[Path, typer.Argument(help="The file to write; it must not exist yet.")],
    password_file: Annotated[Path, typer.Option(help="Password for the keystore.")],
    scrypt_cost: Annotated[int, typer.Option(help="A power of two; geth's is 262144.")] = 262_144,
) -> None:
    """Makes a key for a new account, writes it encrypted (JSON) to FILE, and prints its address."""
    from app.commands.keys import new_keystore

    raise typer.Exit(new_keystore(file=file, password_file=password_file, cost=scrypt_cost))


@keys.command("list")
def keys_list() -> None:
    """Lists officials' keys: id, state, roles, label and account; never the keys themselves."""
    from app.commands.keys import list_all

    raise typer.Exit(list_all())


@keys.command("expire")
def keys_expire(
    key: KeyArgument,
    until: Annotated[
        datetime.datetime,
        typer.Option(formats=["%Y-%m-%d"], help="Last day (UTC) on which the key is valid."),
    ],
) -> None:
    """Sets the day after which an official's keys expire."""
    from app.commands.keys import expire

    raise typer.Exit(expire(key=key, until=until))


@keys.command("revoke")
def keys_revoke(key: KeyArgument) -> None:
    """Revokes an official's keys at once; a running gateway drops them within five seconds."""
    from app.commands.keys import revoke

    raise typer.Exit(revoke(key=key))


@keys.command("ledger")
def keys_ledger(
    file: Annotated[Path, typer.Argument(help="File of the key; made if it does not exist.")],
) -> None:
    """Prints the hash of the ledger's key in FILE for a deployment plan.

    Makes the key first if there is no file.
    """
    from app.commands.keys import ledger

    raise typer.Exit(ledger(file=file))


@keys.command("rotate")
def keys_rotate() -> None:
    """Encrypts everything again after a change of the master key or the keystore password."""
    from app.commands.keys import rotate

    raise typer.Exit(rotate())


@application.command()
def products(
    action: Annotated[
        str, typer.Argument(help="diff, apply (adds and proposes), approve (the second person)")
    ],
    file: Annotated[Path, typer.Option(help="The catalogue.")] = Path("products.yaml"),
    keystore: Annotated[
        Path | None, typer.Option(help="Encrypted JSON key of an operator.")
    ] = None,
    password_file: Annotated[Path | None, typer.Option(help="Opens the keystore.")] = None,
) -> None:
    """Brings the ledger's catalogue in line with the file; two operators change a live row."""
    from app.network import change_catalogue

    if action not in ("diff", "apply", "approve"):
        raise typer.BadParameter("use diff, apply or approve", param_hint="ACTION")
    raise typer.Exit(
        change_catalogue(action=action, file=file, keystore=keystore, password_file=password_file)
    )


@application.command()
def incident(
    action: Annotated[
        str, typer.Argument(help="stop (one official), resume (two officials), status (anyone)")
    ],
    reason: Annotated[
        str | None, typer.Option(help="What was found; its hash goes on the ledger.")
    ] = None,
    keystore: Annotated[
        Path | None, typer.Option(help="Encrypted JSON key of an operator or a regulator.")
    ] = None,
    password_file: Annotated[Path | None, typer.Option(help="Opens the keystore.")] = None,
) -> None:
    """Stops new risk at once when a fault is found; two officials resume it."""
    from app.network import incident as run

    if action not in ("stop", "resume", "status"):
        raise typer.BadParameter("use stop, resume or status", param_hint="ACTION")
    if action == "stop" and not reason:
        raise typer.BadParameter("give --reason TEXT", param_hint="--reason")
    raise typer.Exit(
        run(action=action, reason=reason, keystore=keystore, password_file=password_file)
    )


@application.command()
def approvals(
    action: Annotated[str, typer.Argument(help="list, revoke")],
    party: Annotated[str | None, typer.Option(help="Only of this party (id).")] = None,
    every: Annotated[bool, typer.Option("--all", help="Of all parties.")] = False,
    contract: Annotated[
        str | None, typer.Option(help="Only for this contract of the ledger, e.g. Facilities.")
    ] = None,
) -> None:
    """Lists the approvals on the chain, or revokes those of accounts in this gateway's custody."""
    from app.network import approvals as run

    if action not in ("list", "revoke"):
        raise typer.BadParameter("use list or revoke", param_hint="ACTION")
    if action == "revoke" and every == (party is not None):
        raise typer.BadParameter("give either --party ID or --all", param_hint="--party")
    raise typer.Exit(run(action=action, party_id=party, contract=contract))


@application.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; it must not exist yet.")],
    data_folder: DataFolderOption = None,
) -> None:
    """Writes a backup of the store while the gateway runs."""
    from app.recovery.commands import backup as run

    raise typer.Exit(run(file=file, data_folder=data_folder))


@application.command()
def restore(
    file: Annotated[
        Path | None, typer.Argument(help="A file from `cession backup`.", show_default=False)
    ] = None,
    data_folder: DataFolderOption = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Overwrites an existing store.")
    ] = False,
    then_reconcile: Annotated[
        bool, typer.Option("--reconcile", help="Runs `cession reconcile` too, or alone.")
    ] = False,
    engine: EngineOption = Engine.anvil,
    rpc: RpcOption = None,
) -> None:
    """Restores a backup; until it is reconciled, the gateway accepts and sends nothing."""
    from app.recovery.commands import reconcile_store
    from app.recovery.commands import restore as run

    if file is None and not then_reconcile:
        raise typer.BadParameter("give a backup's file", param_hint="FILE")
    code = 0 if file is None else run(file=file, data_folder=data_folder, replace=replace)
    if code == 0 and then_reconcile:
        code = reconcile_store(
            release=False, data_folder=data_folder, engine=engine.value, rpc_url=rpc, report=None
        )
    raise typer.Exit(code)


@application.command()
def reconcile(
    accept: Annotated[
        bool, typer.Option("--accept", help="Releases the store: what is missing is dealt with.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(help="Writes everything that is missing here, as JSON.")
    ] = None,
    data_folder: DataFolderOption = None,
    engine: EngineOption = Engine.anvil,
    rpc: RpcOption = None,
) -> None:
    """Compares a restored store with the chain, and names what is missing since the backup."""
    from app.recovery.commands import reconcile_store as run

    raise typer.Exit(
        run(
            release=accept,
            data_folder=data_folder,
            engine=engine.value,
            rpc_url=rpc,
            report=report,
        )
    )


@application.command()
def deploy(
    verify: Annotated[
        bool, typer.Option("--verify", help="Verifies the deployed contracts; deploys nothing.")
    ] = False,
    rpc: Annotated[
        str, typer.Option("--rpc-url", "--rpc", help="The EVM network (URL).")
    ] = "http://127.0.0.1:8545",
    keystore: Annotated[
        Path | None, typer.Option(help="Encrypted JSON key of the account that pays.")
    ] = None,
    password_file: Annotated[Path | None, typer.Option(help="Opens the keystore.")] = None,
    plan: Annotated[
        Path | None, typer.Option(help="Who holds which role, and the ledger's settings: JSON.")
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option(help="Deployment record; default: deployments/<chainId>.json."),
    ] = None,
    catalogue: Annotated[
        Path | None,
        typer.Option(help="First products; default: the project's products.yaml."),
    ] = None,
) -> None:
    """Deploys the contracts to a network once, or verifies that it holds the compiled code."""
    from app.chain.deployment.catalogue import CATALOGUE
    from app.commands.deploy import deploy_command

    raise typer.Exit(
        deploy_command(
            rpc_url=rpc,
            verify_only=verify,
            keystore=keystore,
            password_file=password_file,
            plan_file=plan,
            record=record,
            catalogue=catalogue or CATALOGUE,
        )
    )


@application.command()
def invoice(
    file: Annotated[
        Path, typer.Argument(help="UBL, CII, Factur-X PDF, Chinese invoice (XML, OFD), or JSON.")
    ],
) -> None:
    """Reads an invoice or credit note and prints its content as JSON."""
    from app.trade.documents.command import print_invoice

    raise typer.Exit(print_invoice(file))


@application.command()
def quote(
    code: Annotated[str, typer.Argument(help="The product, such as merchant-credit.")],
    amount: Annotated[str, typer.Argument(help="What is drawn, such as 80000.00.")],
    rate: Annotated[str, typer.Option(help="The annual rate, such as 7.2%.")],
    style: Annotated[str, typer.Option(help="How the loan is repaid.")] = "bullet",
    tenor: Annotated[
        int, typer.Option(min=0, help="Days for a bullet, months for instalments, 0 for a bill.")
    ] = 0,
    due_day_of_month: Annotated[
        int, typer.Option(min=0, max=28, help="Of instalments; 0: by the day of the draw.")
    ] = 0,
    flat_fee: Annotated[
        str | None, typer.Option(help="Service fee of the draw, such as 500.00.")
    ] = None,
    draw_fee: Annotated[
        str | None, typer.Option(help="Service fee: a share of the draw, such as 0.5%.")
    ] = None,
    periodic_fee: Annotated[
        str | None,
        typer.Option(
            help="Service fee of each instalment: a share of the principal that runs, such as 0.1%."
        ),
    ] = None,
    date: Annotated[
        datetime.datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day of the draw; today."),
    ] = None,
    file: Annotated[Path, typer.Option(help="The catalogue.")] = Path("products.yaml"),
) -> None:
    """Says what a draw under a product of the catalogue would cost; needs no gateway."""
    from app.domain.catalogue import STYLES
    from app.domain.draw_terms import DrawChoice
    from app.domain.loan import Style
    from app.lending.facilities import command

    if style not in STYLES:
        raise typer.BadParameter(f"use one of {', '.join(STYLES)}", param_hint="--style")
    choice = DrawChoice(
        style=Style(STYLES.index(style)), tenor=tenor, due_day_of_month=due_day_of_month
    )
    day = (date or datetime.datetime.now()).date()
    fees = command.FeesTyped(flat_fee, draw_fee, periodic_fee)
    raise typer.Exit(command.quote(file, command.Question(code, amount, rate, choice, day, fees)))


@stock.command("check")
def stock_check(
    file: Annotated[Path, typer.Argument(help="CSV, or GS1 EPCIS 2.0 as JSON.")],
) -> None:
    """Reads a movement file and names every line that is not valid; nothing is sent."""
    from app.goods.stock.command import check_file

    raise typer.Exit(check_file(file))


FolderOption = Annotated[Path, typer.Option(help="Folder for the tables and plots.")]
PartsOption = Annotated[int, typer.Option(min=0, max=999_999, help="Parts per million.")]


@valuation.command("back-test")
def valuation_back_test(
    file: Annotated[Path, typer.Argument(help="A retailer's sales lines: CSV, plain or gzipped.")],
    folder: FolderOption = Path("build/valuation"),
    currency: Annotated[str, typer.Option(help="Currency of the file's prices.")] = "GBP",
    count: Annotated[int, typer.Option(min=1, help="Best sellers of each month.")] = 500,
    stock_days: Annotated[int, typer.Option(min=1, max=9_999, help="Size of a lot.")] = 60,
    horizon_days: Annotated[int, typer.Option(min=1, max=9_999, help="Days to sell in.")] = 90,
    floor: PartsOption = 250_000,
    costs: PartsOption = 50_000,
    annual_rate: PartsOption = 72_000,
    open_hold_out: Annotated[
        bool, typer.Option("--open-hold-out", help="Judge the unseen lots, once.")
    ] = False,
) -> None:
    """Lends on each month's best sellers, sells them as they really sold, and shows the losses."""
    from app.domain.valuation.lots import SellingTerms
    from app.domain.valuation.studies.command import run_back_test

    terms = SellingTerms(
        stock_days=stock_days,
        horizon_days=horizon_days,
        floor=floor,
        costs=costs,
        annual_rate=annual_rate,
    )
    raise typer.Exit(
        run_back_test(
            file,
            folder=folder,
            currency=currency,
            count=count,
            terms=terms,
            hold_out=open_hold_out,
        )
    )


@valuation.command("replay")
def valuation_replay(
    file: Annotated[Path, typer.Argument(help="Monthly prices of commodities: CSV or gzipped.")],
    folder: FolderOption = Path("build/valuation"),
    call_level: PartsOption = 950_000,
    liquidation_level: PartsOption = 850_000,
    cure_days: Annotated[int, typer.Option(min=0, max=25, help="Days to cure a call.")] = 5,
    slippage: PartsOption = 100_000,
    annual_rate: PartsOption = 72_000,
) -> None:
    """Replays 2008 and 2014 to 2016: every call, cure, liquidation and loss."""
    from app.domain.valuation.margin import MarginTerms
    from app.domain.valuation.studies.command import run_replay

    terms = MarginTerms(
        call_level=call_level,
        liquidation_level=liquidation_level,
        cure_days=cure_days,
        slippage=slippage,
        annual_rate=annual_rate,
    )
    raise typer.Exit(run_replay(file, folder=folder, terms=terms))


@chain.command("status")
def chain_status() -> None:
    """Prints the chain's identity, the index's position, and what each node shows."""
    from app.commands.chain import chain_status

    raise typer.Exit(chain_status())


@chain.command("accept")
def chain_accept(
    block_hash: Annotated[str, typer.Argument(help="The block in the log or in /readyz.")],
) -> None:
    """Lets the index follow the nodes below a final block, after the network has agreed on it."""
    from app.commands.chain import chain_accept

    raise typer.Exit(chain_accept(block_hash))


@application.command()
def version() -> None:
    """Prints the version."""
    typer.echo(__version__)


def main() -> int:
    """Entry point. A usage error is one line and exit status 2; an interrupt is not an error."""
    # While modules load, collections find nothing and take a sixth of a start.
    gc.set_threshold(50_000, 20, 100)
    try:
        status = application(standalone_mode=False, prog_name="cession")
    except NoArgsIsHelpError as error:
        error.show()
        return 2
    except UsageError as error:
        name = error.ctx.command_path if error.ctx is not None else "cession"
        words = " ".join(error.format_message().split())
        print(f"{name}: {words} See `{name} --help`.", file=sys.stderr)
        return 2
    except (KeyboardInterrupt, typer.Abort):
        return 130
    return status if isinstance(status, int) else 0


if __name__ == "__main__":
    sys.exit(main())
